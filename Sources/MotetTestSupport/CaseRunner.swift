public import MotetCore
public import MotetGraph

/// An executable of a case with the memory of its inputs.
public final class CaseRunner {
    /// What is run.
    public let executable: any Executable
    /// The memory of the states.
    public let states: StateStore
    private let names: [String: Int]
    private let dtypes: [DType]
    private var buffers: [UnsafeMutableRawBufferPointer?]

    /// Compiles a graph for a case, with the states the case starts from.
    ///
    /// - Parameters:
    ///   - operationCase: the case, for its states and capacity.
    ///   - graph: its program.
    ///   - backend: what runs it.
    /// - Throws: what the backend throws when it refuses the graph.
    public convenience init(
        _ operationCase: OperationCase,
        _ graph: Graph,
        on backend: any Backend
    ) throws {
        let states = StateStore()
        for input in operationCase.inputs where input.isState {
            states.set(input.name, operationCase.tensor(input, run: 0))
        }
        try self.init(graph, states, capacity: operationCase.capacity, on: backend)
    }

    /// Compiles a graph over states.
    ///
    /// - Parameters:
    ///   - graph: the program.
    ///   - states: the memory of its states.
    ///   - capacity: the greatest size of each symbol.
    ///   - backend: what runs it.
    /// - Throws: what the backend throws when it refuses the graph.
    public init(
        _ graph: Graph,
        _ states: StateStore,
        capacity: [SizeSymbol: Int],
        on backend: any Backend
    ) throws {
        self.states = states
        let executable = try backend.compile(graph, states: states, capacity: capacity)
        self.executable = executable
        var names: [String: Int] = [:]
        for (index, input) in executable.graph.inputs.enumerated() { names[input.name] = index }
        self.names = names
        dtypes = executable.graph.inputs.map { executable.graph.type(of: $0.value).dtype }
        buffers = Array(repeating: nil, count: names.count)
    }

    deinit {
        for buffer in buffers { buffer?.deallocate() }
    }

    /// Gives an input or state its elements; a name the program does not know is passed over.
    public func set(_ name: String, _ tensor: Tensor) {
        if states.type(of: name) != nil { states.set(name, tensor) }
        guard let index = names[name] else { return }
        precondition(tensor.dtype == dtypes[index], "\(name): received \(tensor.dtype).")
        buffers[index]?.deallocate()
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(tensor.byteCount, 64),
            alignment: 64
        )
        tensor.withBytes { buffer.copyMemory(from: $0) }
        buffers[index] = buffer
        if let address = buffer.baseAddress { executable.bind(index, to: address) }
    }

    /// Runs both stages.
    public func run(_ sizes: [SizeSymbol: Int]) {
        executable.setSizes(sizes)
        executable.run()
    }

    /// The results by name, in the order of the program.
    public var outputs: [(name: String, tensor: Tensor)] {
        executable.graph.outputs.compactMap { output in
            executable.tensor(output.name).map { (output.name, $0) }
        }
    }
}
