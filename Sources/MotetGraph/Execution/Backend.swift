public import MotetCore

/// Something that can run graphs: the oneDNN backend, or the reference interpreter.
public protocol Backend: Sendable {
    /// The name shown in reports.
    var name: String { get }

    /// Makes a graph ready to run.
    ///
    /// - Parameters:
    ///   - graph: a valid graph.
    ///   - states: the memory of its states, shared by every executable over the same store.
    ///   - capacity: the greatest value of every symbol.
    /// - Returns: an executable that runs with any sizes up to the capacity.
    /// - Throws: `GraphError` when the graph is invalid or a symbol has no capacity.
    func compile(
        _ graph: Graph,
        states: StateStore,
        capacity: [SizeSymbol: Int]
    ) throws -> any Executable

    /// Makes a graph ready to run in memory that other programs use too, each in its turn.
    ///
    /// Results are valid until any of these programs runs. A backend that has no use for it takes memory of
    /// its own.
    ///
    /// - Parameters:
    ///   - graph: a valid graph.
    ///   - states: the memory of its states, shared by every executable over the same store.
    ///   - capacity: the greatest value of every symbol.
    ///   - memory: where intermediate results may be.
    /// - Returns: an executable that runs with any sizes up to the capacity.
    /// - Throws: as the other form.
    func compile(
        _ graph: Graph,
        states: StateStore,
        capacity: [SizeSymbol: Int],
        memory: WorkingMemory
    ) throws -> any Executable
}

extension Backend {
    /// Takes memory of its own.
    public func compile(
        _ graph: Graph,
        states: StateStore,
        capacity: [SizeSymbol: Int],
        memory: WorkingMemory
    ) throws -> any Executable {
        try compile(graph, states: states, capacity: capacity)
    }
}

/// A graph made ready to run.
///
/// It has one owner, which may move between threads but not be used by two.
public protocol Executable: AnyObject {
    /// The graph as compiled.
    var graph: Graph { get }

    /// Sets the sizes of the next runs; allocates nothing for symbols that were set before.
    ///
    /// - Parameters:
    ///   - symbols: the symbols of inputs.
    ///   - values: for each its value, at most its capacity.
    func setSizes(_ symbols: [SizeSymbol], _ values: UnsafePointer<Int>)

    /// Gives an input's elements; the memory must stay valid until the run is over.
    ///
    /// - Parameters:
    ///   - index: the position in `graph.inputs`.
    ///   - elements: row-major elements of the input's type.
    func bind(_ index: Int, to elements: UnsafeRawPointer)

    /// Computes the nodes of one stage.
    func run(_ stage: Graph.Stage)

    /// Reads a result's elements, valid until the next run.
    ///
    /// - Parameter index: the position in `graph.outputs`.
    /// - Returns: the elements at the current sizes.
    func output(_ index: Int) -> UnsafeRawBufferPointer

    /// Computes the nodes of the gradients stage one at a time.
    ///
    /// - Returns: the first node whose result is not finite, or nil.
    func firstNonFiniteNode() -> Graph.Node?
}

extension Executable {
    /// Sets the sizes of the next runs.
    ///
    /// - Parameter sizes: the value of every symbol of an input, at most its capacity.
    public func setSizes(_ sizes: [SizeSymbol: Int]) {
        let symbols = Array(sizes.keys)
        let values = symbols.map { sizes[$0] ?? 0 }
        values.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { setSizes(symbols, base) }
        }
    }

    /// Computes the whole program.
    public func run() {
        run(.gradients)
        run(.update)
    }

    /// A result of one number.
    ///
    /// - Parameter index: the position in `graph.outputs`.
    /// - Returns: the number.
    public func scalar(_ index: Int) -> Float { output(index).load(as: Float.self) }

    /// A result as a tensor.
    ///
    /// - Parameter name: the result's name.
    /// - Returns: a copy of the elements, as a vector, or nil when there is no such result.
    public func tensor(_ name: String) -> Tensor? {
        guard let index = graph.outputs.firstIndex(where: { $0.name == name }) else { return nil }
        let bytes = output(index)
        var tensor = Tensor(
            zeros: [bytes.count / 4],
            dtype: graph.type(of: graph.outputs[index].value).dtype
        )
        tensor.withMutableBytes { $0.copyMemory(from: bytes) }
        return tensor
    }
}
