import MotetCore
import MotetData
import MotetGraph
import MotetNN
import MotetOptimizers

/// Finds out which tasks are easy: those whose validation loss falls by the greater share.
struct TaskOrderProbe {
    /// The steps each task is trained alone.
    static let steps = 100

    private let runner: ScheduleRunner
    private let number: Int
    private var trainer: Trainer { runner.trainer }

    init(_ runner: ScheduleRunner, _ number: Int) {
        self.runner = runner
        self.number = number
    }

    /// The order a phase wants found, or nil when it wants none.
    ///
    /// - Throws: `TrainingError` when a task has no validation rows to be measured on.
    func order() throws -> [String]? {
        guard case .sequential(let wanted, _, _) = runner.schedule.phases[number].kind else {
            return nil
        }
        if case .given = wanted { return nil }
        let kept = trainer.states.names.map { ($0, trainer.states.tensor($0)) }
        var falls: [(name: String, share: Double)] = []
        for (index, task) in trainer.tasks.tasks.enumerated() {
            falls.append((task.name, try fall(index)))
            for (name, tensor) in kept {
                if let tensor { trainer.states.set(name, tensor) }
            }
        }
        // Equal falls keep the order of the tasks.
        let order = falls.enumerated().sorted { left, right in
            let (one, other) = (left.element.share, right.element.share)
            if one == other { return left.offset < right.offset }
            return wanted == .easyToHard ? one > other : one < other
        }
        return order.map(\.element.name)
    }

    /// The share of its validation loss a task loses in the steps of the probe.
    private func fall(_ task: Int) throws -> Double {
        let name = trainer.tasks.tasks[task].name
        let sources = runner.planner.sources
        guard let place = sources.firstIndex(where: { $0.tasks.contains(task) }),
            let validation = runner.sources[place].validation, validation.rowCount > 0
        else {
            throw TrainingError(
                .scheduleInvalid,
                "schedule, phase \(number + 1): an order found by validation losses needs validation rows; the task \"\(name)\" has none. Give the order, or validation data."
            )
        }
        let meter = try LossMeter(trainer, task, validation, batchSize: runner.batchSize)
        let before = try meter.measure()
        try train(task, runner.sources[place].training)
        let after = try meter.measure()
        guard let before, let after, before > 0 else { return 0 }
        return (before - after) / before
    }

    private func train(_ task: Int, _ data: PreparedDataset) throws {
        let frozen = try Trainer.frozen(
            runner.schedule.phases[number].frozen,
            of: trainer.model,
            number: number + 1
        )
        let part = TrainingProgram.Part(tasks: [task], frozen: frozen)
        let program = try trainer.program(part, counters: nil)
        let key = trainer.key.split("probe").split(number)
        let loader = try trainer.loader(
            data,
            batchSize: runner.batchSize,
            key: key,
            tasks: [task]
        )
        let session = try TrainingSession(
            program,
            of: trainer,
            capacity: Trainer.capacity(data, batchSize: runner.batchSize)
        )
        let binding = try session.binding(loader)
        let stream = BatchStream("probe", loader, FitState.Cursor())
        let losses = EpochLosses(trainer.tasks.tasks.map(\.name))
        let rate = runner.schedule.phases[number].learningRate ?? trainer.optimizer.learningRate
        var updates: [Int] = []
        stream.start()
        for step in 1...Self.steps {
            try session.run(
                try stream.next(),
                binding,
                step: step,
                learningRate: rate,
                updates: &updates,
                losses: losses
            )
            stream.advance()
        }
    }
}

/// The loss of one task on some rows, as the model answers, without dropout.
private final class LossMeter {
    private let executable: any Executable
    private let binding: BatchBinding
    private let loader: BatchLoader

    init(_ trainer: Trainer, _ task: Int, _ data: PreparedDataset, batchSize: Int) throws {
        var traced = try trainer.model.trace(.inference)
        var losses = TaskLosses(trainer.model, usesSampleWeight: trainer.usesSampleWeight)
        let named = trainer.tasks.tasks[task]
        if let made = try losses.append(named, of: trainer.tasks, to: &traced) {
            traced.graph.output("loss", made.loss)
            traced.graph.output("weight", made.weightSum)
        }
        executable = try trainer.backend.compile(
            traced.graph.graph,
            states: trainer.states,
            capacity: Trainer.capacity(data, batchSize: batchSize)
        )
        loader = try trainer.loader(data, batchSize: batchSize, key: nil, tasks: [task])
        binding = try BatchBinding(executable, loader, columns: losses.columns)
    }

    /// The weighted mean; nil when no row takes part.
    func measure() throws -> Double? {
        var (sum, weights) = (0.0, 0.0)
        loader.start(epoch: 0)
        while let batch = try loader.next() {
            binding.bind(batch, to: executable)
            executable.run(.gradients)
            let weight = Double(executable.scalar(1))
            if weight > 0 { sum += weight * Double(executable.scalar(0)) }
            weights += weight
        }
        return weights > 0 ? sum / weights : nil
    }
}
