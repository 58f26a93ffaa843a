public import MotetCore
public import MotetGraph

/// Runs graphs on the CPU with oneDNN's primitives and the kernels of `CKernels`.
public struct OneDNNBackend: Backend {
    /// Which kernels matrix products use: given, or measured and recorded.
    public let choices: KernelChoices
    /// The weights that never change; nil where programs learn.
    public let frozen: FrozenWeights?

    /// Creates a backend.
    ///
    /// - Parameter choices: which kernel each shape uses; a fixed rule when left out, so that two runs
    ///   of one program give the same bits.
    public init(choices: KernelChoices = KernelChoices(measures: false)) {
        self.choices = choices
        frozen = nil
    }

    /// Creates a backend for models whose weights never change.
    ///
    /// Products of rows with a weight go through kernels of `CKernels`, which give a row the same bits whatever
    /// the other rows, their number and the number of threads; all others as with ``init(choices:)``.
    ///
    /// - Parameters:
    ///   - frozen: the weights; states must have their values before a program is compiled, and keep them.
    ///   - choices: which kernel each other shape uses.
    public init(frozen: FrozenWeights, choices: KernelChoices = KernelChoices(measures: false)) {
        self.choices = choices
        self.frozen = frozen
    }

    /// The name and version of the library.
    public var name: String { "oneDNN \(MatMulKernel.libraryVersion)" }

    /// Makes a graph ready to run: passes, memory plan, one instruction for each node or group of nodes.
    public func compile(
        _ graph: Graph,
        states: StateStore,
        capacity: [SizeSymbol: Int]
    ) throws -> any Executable {
        try compile(graph, states: states, capacity: capacity, memory: WorkingMemory())
    }

    /// Makes a graph ready to run in memory that other programs use too.
    public func compile(
        _ graph: Graph,
        states: StateStore,
        capacity: [SizeSymbol: Int],
        memory: WorkingMemory
    ) throws -> any Executable {
        let optimised = try PassPipeline.standard.run(on: graph)
        return try OneDNNExecutable(
            Scheduling.grouped(optimised),
            states: states,
            capacity: capacity,
            choices: choices,
            frozen: frozen,
            memory: memory
        )
    }
}
