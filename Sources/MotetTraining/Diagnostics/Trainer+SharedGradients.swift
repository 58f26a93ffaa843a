public import MotetData
import MotetCore
import MotetGraph

extension Trainer {
    /// How the gradients of tasks lie to each other in each shared block, with the parameters as they are.
    ///
    /// Nothing is trained. Batches are drawn in an order of their own.
    ///
    /// - Parameters:
    ///   - data: prepared rows with the labels of the tasks.
    ///   - names: the tasks; nil for all.
    ///   - batchSize: the rows of a batch.
    ///   - batches: how many batches are looked at, at most.
    /// - Returns: what was found; nil where no two of the tasks share a dense parameter, or there is no row.
    /// - Throws: `TrainingError` when the data do not fit the model or a task is not the trainer's.
    public func sharedGradients(
        _ data: PreparedDataset,
        tasks names: [String]? = nil,
        batchSize: Int,
        batches: Int
    ) throws -> SharedGradientRecord? {
        let positions = try tasks.positions(names)
        let probe = try GradientProbe(
            TrainingProgram.Part(tasks: positions),
            of: self,
            capacity: Trainer.capacity(data, batchSize: batchSize)
        )
        guard let probe else { return nil }
        let loader = try loader(
            data,
            batchSize: batchSize,
            key: key.split("diagnostics"),
            tasks: positions
        )
        let binding = try probe.binding(loader)
        var record = SharedGradientRecord(tasks.tasks.map(\.name))
        loader.start(epoch: 0)
        while record.probes < batches, let batch = try loader.next() {
            probe.look(at: batch, binding, step: record.probes + 1, &record)
        }
        return record.probes > 0 ? record : nil
    }
}
