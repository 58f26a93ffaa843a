import MotetCore
import MotetData
import MotetGraph
import MotetNN

/// Looks at the losses of a batch after its step, and lets FAMO's numbers follow.
final class FamoProbe {
    private let executable: any Executable
    private let columns: [String: String]
    private let states: StateStore
    /// The positions of the tasks trained, their weights, and the number of all tasks.
    private let trained: [Int]
    private let taskWeights: [Double]
    private let taskCount: Int
    private let rate: Double
    private let decay: Double

    /// Makes the program ready; nil where the weighting does not look.
    init?(
        _ probe: LossProbe,
        _ trained: [Int],
        of trainer: Trainer,
        capacity: [SizeSymbol: Int],
        memory: WorkingMemory
    ) throws {
        guard trainer.weighting.kind == .famo else { return nil }
        executable = try trainer.backend.compile(
            probe.graph,
            states: trainer.states,
            capacity: capacity,
            memory: memory
        )
        columns = probe.columns
        states = trainer.states
        self.trained = trained
        taskWeights = trained.map { Double(trainer.tasks.tasks[$0].objective.weight) }
        taskCount = trainer.tasks.tasks.count
        rate = trainer.weighting.famoRate
        decay = trainer.weighting.famoDecay
    }

    /// Gives the program the number of the step, on which dropout depends.
    func bindStep(_ memory: UnsafePointer<Int32>) {
        for (index, input) in executable.graph.inputs.enumerated()
        where input.name == ProgramInput.step {
            executable.bind(index, to: memory)
        }
    }

    func binding(_ loader: BatchLoader, bucket: Int) throws -> BatchBinding {
        try BatchBinding(executable, loader, columns: columns, bucket: bucket)
    }

    /// Computes the losses again, and moves the numbers; losses that are not finite move nothing.
    func follow(
        _ batch: BatchBuffer,
        _ binding: BatchBinding,
        before: [Float],
        weights: [Float]
    ) {
        binding.bind(batch, to: executable)
        executable.run(.gradients)
        let after = trained.indices.map { executable.scalar($0) }
        guard after.allSatisfy(\.isFinite), before.allSatisfy(\.isFinite),
            let tensor = states.tensor(FamoState.name)
        else { return }
        var state = FamoState(tensor.floats, tasks: taskCount)
        state.follow(
            trained,
            before: zip(before, taskWeights).map { Double($0) * $1 },
            after: zip(after, taskWeights).map { Double($0) * $1 },
            weights.map { $0 > 0 },
            rate: rate,
            decay: decay
        )
        states.set(FamoState.name, Tensor(state.numbers, shape: tensor.shape))
    }
}
