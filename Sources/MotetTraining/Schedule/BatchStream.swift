import MotetCore
import MotetData

/// The batches of a source's rows, or of one scenario's, epoch after epoch.
final class BatchStream {
    let name: String
    let loader: BatchLoader
    private(set) var cursor: FitState.Cursor

    init(_ name: String, _ loader: BatchLoader, _ cursor: FitState.Cursor) {
        self.name = name
        self.loader = loader
        self.cursor = cursor
    }

    /// Begins to make batches from the cursor.
    func start() { loader.start(epoch: cursor.epoch, step: cursor.step) }

    /// Leaves the rest of an epoch that was begun.
    func startFreshEpoch() {
        if cursor.step > 0 { cursor = FitState.Cursor(epoch: cursor.epoch + 1) }
        start()
    }

    /// The next batch; valid until `advance`.
    func next() throws -> BatchBuffer {
        if let batch = try loader.next() { return batch }
        throw TrainingError(.nothingToLearn, "data: a stream of batches has no rows.")
    }

    /// Counts the batch as done, and goes to the next epoch after the last one.
    func advance() {
        cursor.step += 1
        if cursor.step >= loader.stepCount { startFreshEpoch() }
    }

    static func name(_ stream: StreamDescription) -> String {
        stream.scenario.map { "\(stream.source)/\($0)" } ?? "\(stream.source)"
    }
}
