import MotetCore
import MotetData
import MotetGraph
import MotetNN

/// One training program made ready to run: steps on batches, and their losses.
final class TrainingSession {
    let executable: any Executable
    let program: TrainingProgram
    /// What tells the losses after a step, and the weighting that wants to know.
    private let probe: FamoProbe?
    private let tasks: TaskList
    private let stepMemory: UnsafeMutablePointer<Int32>
    private let rateMemory: UnsafeMutablePointer<Float>
    /// For each counter of updates the program reads, its number and where it is read from.
    private var counters: [(group: Int, memory: UnsafeMutablePointer<Int32>)] = []

    /// Makes a program ready.
    ///
    /// - Parameters:
    ///   - program: what is run.
    ///   - trainer: whose program it is.
    ///   - capacity: the greatest sizes of batches.
    ///   - memory: where intermediate results may be.
    /// - Throws: `GraphError`, never for a program that was built.
    init(
        _ program: TrainingProgram,
        of trainer: Trainer,
        capacity: [SizeSymbol: Int],
        memory: WorkingMemory = WorkingMemory()
    ) throws {
        let (tasks, states) = (trainer.tasks, trainer.states)
        let executable = try trainer.backend.compile(
            program.graph,
            states: states,
            capacity: capacity,
            memory: memory
        )
        probe = try program.probe.flatMap { probe in
            try FamoProbe(probe, program.tasks, of: trainer, capacity: capacity, memory: memory)
        }
        self.program = program
        self.tasks = tasks
        self.executable = executable
        stepMemory = .allocate(capacity: 16)
        stepMemory.initialize(repeating: 0, count: 16)
        rateMemory = .allocate(capacity: 16)
        rateMemory.initialize(repeating: 0, count: 16)
        for (index, input) in executable.graph.inputs.enumerated() {
            if input.name == ProgramInput.step { executable.bind(index, to: stepMemory) }
            if input.name == ProgramInput.learningRate { executable.bind(index, to: rateMemory) }
            guard let group = ProgramInput.updateGroup(input.name) else { continue }
            let counter = UnsafeMutablePointer<Int32>.allocate(capacity: 16)
            counter.initialize(repeating: 0, count: 16)
            executable.bind(index, to: counter)
            counters.append((group, counter))
        }
        probe?.bindStep(stepMemory)
    }

    deinit {
        stepMemory.deallocate()
        rateMemory.deallocate()
        for counter in counters { counter.memory.deallocate() }
    }

    /// Connects the program with the batches of a loader.
    func binding(_ loader: BatchLoader, bucket: Int = 0) throws -> BatchBinding {
        let binding = try BatchBinding(
            executable,
            loader,
            columns: program.columns,
            bucket: bucket
        )
        binding.probe = try probe?.binding(loader, bucket: bucket)
        return binding
    }

    /// Runs one step; parameters change only when all losses and gradients are finite.
    ///
    /// - Parameters:
    ///   - batch: the rows.
    ///   - binding: how the batch reaches the program.
    ///   - step: the number of the step, from 1.
    ///   - learningRate: the step's learning rate.
    ///   - updates: for each group of parameters its updates so far; those of the groups trained rise.
    ///   - losses: where the losses are added.
    /// - Throws: `TrainingError` when a loss or gradient is not finite.
    func run(
        _ batch: BatchBuffer,
        _ binding: BatchBinding,
        step: Int,
        learningRate: Float,
        updates: inout [Int],
        losses: EpochLosses
    ) throws {
        stepMemory[0] = Int32(clamping: step)
        rateMemory[0] = learningRate
        for counter in counters {
            counter.memory[0] = Int32(clamping: updates[counter.group] + 1)
        }
        binding.bind(batch, to: executable)
        executable.run(.gradients)
        let meeting = program.aggregationOutputs.map { GradientMeeting($0, executable) }
        for (place, task) in program.tasks.enumerated() {
            let loss = executable.scalar(program.lossOutputs[place])
            if let meeting, !meeting.isKept[place], meeting.isKept.contains(true) { continue }
            guard loss.isFinite else {
                throw notFinite(
                    "task \"\(tasks.tasks[task].name)\": the loss became \(text(loss))",
                    step
                )
            }
            let weight = executable.scalar(program.lossOutputs[place] + 1)
            losses.add(task, loss: Double(loss), weight: Double(weight))
        }
        let squares = executable.scalar(program.squaresOutput)
        guard squares.isFinite else {
            throw notFinite(
                "training: the sum of squares of the gradients became \(text(squares))",
                step
            )
        }
        let before = probe == nil ? [] : program.lossOutputs.map { executable.scalar($0) }
        let weights = probe == nil ? [] : program.lossOutputs.map { executable.scalar($0 + 1) }
        executable.run(.update)
        if let probe, let binding = binding.probe {
            probe.follow(batch, binding, before: before, weights: weights)
        }
        if let meeting { losses.gradients?.add(meeting, of: program.tasks) }
        for counter in counters { updates[counter.group] += 1 }
    }

    /// NaN has a sign that means nothing, and is often printed.
    private func text(_ value: Float) -> String { value.isNaN ? "NaN" : "\(value)" }

    private func notFinite(_ what: String, _ step: Int) -> TrainingError {
        let node = executable.firstNonFiniteNode()
        let place =
            node.map { "the first result that is not finite is in \($0.scope)" }
            ?? "every intermediate result is finite, so a label or weight is not"
        return TrainingError(
            .lossNotFinite,
            "\(what) at step \(step); \(place). The parameters of the step before are kept. "
                + "Try a lower learning rate, clip_norm: 1, or look for extreme values in the features."
        )
    }
}
