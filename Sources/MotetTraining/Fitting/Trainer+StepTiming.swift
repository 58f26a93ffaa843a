public import MotetData
import MotetCore
import MotetGraph
import MotetOptimizers

extension Trainer {
    /// The bytes a training step works in besides parameters and the optimizer's states.
    ///
    /// - Parameters:
    ///   - data: rows as they are trained on.
    ///   - batchSize: the rows of a batch.
    /// - Returns: the size of the arena of the program that trains all tasks.
    /// - Throws: `GraphError`, never for a program that runs.
    public func stepMemory(_ data: PreparedDataset, batchSize: Int) throws -> Int {
        let memory = WorkingMemory()
        _ = try backend.compile(
            program.graph,
            states: states,
            capacity: Trainer.capacity(data, batchSize: batchSize),
            memory: memory
        )
        return memory.byteCount
    }

    /// The time of bare training steps: forward, losses, gradients and update on batches that are
    /// already assembled.
    ///
    /// The parameters do change. For benchmarks: what `fit` adds to this is the loading of batches.
    ///
    /// - Parameters:
    ///   - data: prepared rows with labels, at least one batch of them.
    ///   - batchSize: the rows of a batch.
    ///   - batches: how many different batches the steps go round.
    ///   - steps: how many steps are timed, after one round that is not.
    /// - Returns: the duration of each step.
    /// - Throws: as `fit(_:options:)`.
    public func timeSteps(
        _ data: PreparedDataset,
        batchSize: Int,
        batches: Int = 8,
        steps: Int
    ) throws -> [Duration] {
        // A loader lends one batch at a time, so each batch has a loader of its own.
        var held: [(loader: BatchLoader, batch: BatchBuffer)] = []
        for number in 0..<batches {
            let loader = try loader(
                data,
                batchSize: batchSize,
                key: key.split("timing").split(number)
            )
            loader.start(epoch: 0)
            guard let batch = try loader.next() else { continue }
            held.append((loader, batch))
        }
        guard let first = held.first else {
            throw TrainingError(.nothingToLearn, "data: there are no rows to time a step on.")
        }
        let session = try TrainingSession(
            program,
            of: self,
            capacity: Trainer.capacity(data, batchSize: batchSize)
        )
        let binding = try session.binding(first.loader)
        let losses = EpochLosses(tasks.tasks.map(\.name))
        var updates: [Int] = []
        let clock = ContinuousClock()
        var durations: [Duration] = []
        durations.reserveCapacity(steps)
        for step in 0..<(held.count + steps) {
            let start = clock.now
            try session.run(
                held[step % held.count].batch,
                binding,
                step: step + 1,
                learningRate: optimizer.learningRate,
                updates: &updates,
                losses: losses
            )
            if step >= held.count { durations.append(start.duration(to: clock.now)) }
        }
        return durations
    }
}
