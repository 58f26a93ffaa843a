public import MotetCore
public import MotetGraph

/// A frozen model that answers, from any number of threads at once.
///
/// Parameters are stored once; each concurrent request works in a workspace of its own, taken from a
/// bounded set of row capacities (powers of two), so that any number of rows is answered without
/// compiling again.
///
/// `@unchecked Sendable`: the parameters are written in `init` only; free workspaces are handed out and
/// taken back by `WorkspacePool`, which has a lock, and a workspace is used by one request at a time.
public final class Predictor: @unchecked Sendable {
    /// The names of the outputs in order.
    public let outputNames: [String]
    /// The graph inputs in order.
    public let inputs: [(name: String, type: TensorType)]
    /// The inputs that are given with one row, `[1, ...]`, for all rows of a request.
    public let requestInputs: [String]
    /// Whether rows of items are read that were computed beforehand.
    public let isReadingItems: Bool
    /// The sizes of lists that are given once.
    private let onceSymbols: Set<SizeSymbol>
    private let graph: Graph
    /// The program before what is the user's was taken out of it.
    private let whole: Graph
    private let states: StateStore
    private let backend: any Backend
    private let idleWorkspaces: Int
    private let pool: WorkspacePool

    /// Freezes a model.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - parameters: its values.
    ///   - links: for each output what turns it into a prediction; identity where not given.
    ///   - requestInputs: inputs that are the same in all rows of a request, such as the user's and the context's. They are
    ///     given with one row, and what depends on them alone is computed once a request (`RequestFactoring`). One
    ///     that cannot be is missing from the property `requestInputs`, and is given with all rows.
    ///   - backend: what runs it.
    ///   - idleWorkspaces: how many workspaces are kept that no request uses; each has its own capacity.
    /// - Throws: `GraphError` when a parameter is missing or has the wrong shape, or there is no such input.
    public init(
        _ model: Model,
        parameters: ParameterStore,
        links: [String: Loss.Link] = [:],
        requestInputs: Set<String> = [],
        backend: any Backend,
        idleWorkspaces: Int = 16
    ) throws {
        var traced = try model.trace(.inference)
        for output in traced.outputs {
            let value = try Predictor.linked(
                output.value,
                links[output.name] ?? .identity,
                in: &traced.graph
            )
            traced.graph.output(output.name, value)
        }
        let whole = traced.graph.graph
        try Predictor.check(parameters, whole)
        let factored =
            requestInputs.isEmpty ? nil : try RequestFactoring(whole, inputs: requestInputs)
        let graph = factored?.graph ?? whole
        self.graph = graph
        self.requestInputs = factored?.inputs ?? []
        let slices = factored?.slices ?? []
        states = StateStore()
        for state in graph.states {
            if let slice = slices.first(where: { $0.name == state.name }) {
                if let tensor = parameters[slice.source] {
                    states.set(state.name, slice.cut(tensor))
                }
            } else if let tensor = parameters[state.name] {
                states.set(state.name, tensor)
            }
        }
        isReadingItems = false
        self.whole = whole
        self.backend = backend
        self.idleWorkspaces = idleWorkspaces
        pool = WorkspacePool(limit: idleWorkspaces)
        outputNames = graph.outputs.map(\.name)
        inputs = graph.inputs.map { ($0.name, graph.type(of: $0.value)) }
        onceSymbols = Self.symbols(graph, self.requestInputs)
    }

    /// The model of another predictor, with other inputs that are given with one row, or items known beforehand; both
    /// share parameters.
    ///
    /// - Parameters:
    ///   - other: the predictor whose model and parameters these are.
    ///   - requestInputs: as in the other initialiser.
    ///   - items: the items that requests name, and the inputs that have their columns. What depends on these alone
    ///     is computed once for each item (`ItemFactoring`), where `isReadingItems` says so, and the inputs have
    ///     `ItemFactoring.rowInput` in place of theirs.
    /// - Throws: `GraphError` when there is no such input.
    public init(
        _ other: Predictor,
        requestInputs: Set<String>,
        items: (tables: ItemTables, inputs: Set<String>)? = nil
    ) throws {
        func factored(_ items: Set<String>) throws -> RequestFactoring? {
            guard !requestInputs.isEmpty || !items.isEmpty else { return nil }
            return try RequestFactoring(other.whole, inputs: requestInputs, items: items)
        }
        func states(_ graph: Graph, _ slices: [StateSlice]) -> StateStore {
            let states = StateStore()
            for state in graph.states {
                guard let slice = slices.first(where: { $0.name == state.name }) else {
                    states.share(state.name, of: other.states)
                    continue
                }
                if let tensor = other.states.tensor(slice.source) {
                    states.set(state.name, slice.cut(tensor))
                }
            }
            return states
        }
        var made: (graph: Graph, inputs: [String], states: StateStore)?
        if let items, let apart = try factored(items.inputs),
            let factoring = try ItemFactoring(
                apart.graph,
                items: items.inputs,
                count: items.tables.columns.count,
                leastOperations: items.tables.leastOperations
            )
        {
            let all = states(apart.graph, apart.slices)
            if try items.tables.add(factoring, to: all, other.backend) {
                let own = StateStore()
                for state in factoring.graph.states { own.share(state.name, of: all) }
                made = (factoring.graph, apart.inputs, own)
            }
        }
        isReadingItems = made != nil
        if made == nil {
            let plain = try factored([])
            let graph = plain?.graph ?? other.whole
            made = (graph, plain?.inputs ?? [], states(graph, plain?.slices ?? []))
        }
        guard let made else {
            throw GraphError(.invalidGraph, "Predictor: the program was not made.")
        }
        graph = made.graph
        whole = other.whole
        self.requestInputs = made.inputs
        self.states = made.states
        backend = other.backend
        idleWorkspaces = other.idleWorkspaces
        pool = WorkspacePool(limit: idleWorkspaces)
        outputNames = made.graph.outputs.map(\.name)
        inputs = made.graph.inputs.map { ($0.name, made.graph.type(of: $0.value)) }
        onceSymbols = Self.symbols(made.graph, made.inputs)
    }

    /// The symbols of the sizes of some inputs.
    private static func symbols(_ graph: Graph, _ names: [String]) -> Set<SizeSymbol> {
        Set(
            graph.inputs.filter { names.contains($0.name) }
                .flatMap { graph.type(of: $0.value).shape.dimensions.compactMap(\.symbol) }
        )
    }

    private static func check(
        _ parameters: ParameterStore,
        _ graph: Graph
    ) throws(GraphError) {
        for state in graph.states {
            guard let tensor = parameters[state.name] else {
                throw GraphError(
                    .unknownName,
                    "Predictor: the parameter \"\(state.name)\" has no value."
                )
            }
            guard Shape(fixed: tensor.shape) == graph.type(of: state.value).shape else {
                throw GraphError(
                    .shapeMismatch,
                    "Predictor: the parameter \"\(state.name)\" has the wrong shape; expected \(graph.type(of: state.value).shape); received \(tensor.shape)."
                )
            }
        }
    }

    package static func linked(
        _ value: Value,
        _ link: Loss.Link,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        switch link {
        case .identity: value
        case .sigmoid: try graph.apply(MotetGraph.Activation(.sigmoid), value)
        case .softmax: try graph.apply(MotetGraph.Softmax(), value)
        case .exponential: try graph.apply(Exponential(), value)
        }
    }

    /// Answers one batch.
    ///
    /// - Parameters:
    ///   - sizes: the value of every symbol: the rows `B`, the lengths of ragged inputs.
    ///   - valuesPerRow: the most values a row has of ragged inputs, by their symbols; where known, memory is
    ///     taken for as many, so that batches of equally many rows share it whatever their lists hold.
    ///   - bind: gives the elements of each input by its position in `inputs`; they must stay valid until
    ///     the call returns.
    ///   - read: reads each output by its position in `outputNames`, during the call.
    /// - Throws: `GraphError` when the graph cannot be compiled for the sizes.
    public func predict(
        sizes: [SizeSymbol: Int],
        valuesPerRow: [SizeSymbol: Int] = [:],
        bind: (Int) -> UnsafeRawPointer,
        read: (Int, UnsafeBufferPointer<Float>) -> Void
    ) throws {
        let workspace =
            try pool.take { kept in
                kept.capacity.count == sizes.count
                    && sizes.allSatisfy { symbol, _ in
                        kept.capacity[symbol] == capacity(symbol, sizes, valuesPerRow)
                    }
            } ?? makeWorkspace(sizes, valuesPerRow)
        defer { pool.give(workspace) }
        workspace.setSizes(sizes)
        for index in inputs.indices { workspace.executable.bind(index, to: bind(index)) }
        workspace.executable.run(.gradients)
        for index in outputNames.indices {
            read(index, workspace.executable.output(index).bindMemory(to: Float.self))
        }
    }

    private func makeWorkspace(
        _ sizes: [SizeSymbol: Int],
        _ valuesPerRow: [SizeSymbol: Int]
    ) throws -> Workspace {
        var capacity = sizes
        for symbol in sizes.keys { capacity[symbol] = self.capacity(symbol, sizes, valuesPerRow) }
        return Workspace(
            capacity: capacity,
            executable: try backend.compile(graph, states: states, capacity: capacity)
        )
    }

    /// The capacity that a size of a request needs.
    private func capacity(
        _ symbol: SizeSymbol,
        _ sizes: [SizeSymbol: Int],
        _ valuesPerRow: [SizeSymbol: Int]
    ) -> Int {
        let own = Predictor.capacity(for: sizes[symbol] ?? 0)
        guard let most = valuesPerRow[symbol], let rows = sizes[.batch] else { return own }
        let lists = onceSymbols.contains(symbol) ? 1 : Predictor.capacity(for: rows)
        return max(own, Predictor.capacity(for: lists * most))
    }

    /// Answers one batch given as tensors.
    ///
    /// - Parameter batch: a tensor for every input by name; the first size of a feature is the rows.
    /// - Returns: for each output its predictions in the order of the rows.
    /// - Throws: `GraphError` when an input is missing.
    public func callAsFunction(_ batch: [String: Tensor]) throws -> [String: Tensor] {
        var sizes: [SizeSymbol: Int] = [:]
        for input in inputs {
            guard let tensor = batch[input.name] else {
                throw GraphError(.unknownName, "Predictor: the input \"\(input.name)\" is missing.")
            }
            let first = input.type.shape.dimensions.first
            if let first, let symbol = first.symbol, let size = tensor.shape.first {
                sizes[symbol] = (size - first.offset) / first.scale
            }
        }
        var results: [String: Tensor] = [:]
        let tensors = inputs.compactMap { batch[$0.name] }
        try withPointers(tensors[...], []) { pointers in
            try predict(
                sizes: sizes,
                bind: { pointers[$0] },
                read: { index, values in
                    results[outputNames[index]] = Tensor(Array(values))
                }
            )
        }
        return results
    }

    private func withPointers(
        _ tensors: ArraySlice<Tensor>,
        _ pointers: [UnsafeRawPointer],
        _ body: ([UnsafeRawPointer]) throws -> Void
    ) throws {
        guard let first = tensors.first else { return try body(pointers) }
        try first.withBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            try withPointers(tensors.dropFirst(), pointers + [base], body)
        }
    }

    /// The next power of two, at least 16: a bounded set of capacities serves any size.
    static func capacity(for size: Int) -> Int {
        var capacity = 16
        while capacity < size { capacity *= 2 }
        return capacity
    }
}

/// The memory of one request.
final class Workspace {
    let capacity: [SizeSymbol: Int]
    let executable: any Executable
    private let symbols: [SizeSymbol]
    private var sizes: [Int]

    init(capacity: [SizeSymbol: Int], executable: any Executable) {
        self.capacity = capacity
        self.executable = executable
        symbols = Array(capacity.keys)
        sizes = [Int](repeating: 0, count: symbols.count)
    }

    /// Sets the sizes of the next run, in memory that is kept.
    func setSizes(_ sizes: [SizeSymbol: Int]) {
        for (index, symbol) in symbols.enumerated() { self.sizes[index] = sizes[symbol] ?? 0 }
        executable.setSizes(symbols, self.sizes)
    }
}
