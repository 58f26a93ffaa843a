public import MotetCore

/// Goes through a prepared data set in batches, which a thread of its own makes ahead.
///
/// The batches of an epoch depend on the key and the epoch only, not on what was read before, so an
/// epoch can be resumed at any step. After the first batches neither thread allocates memory. One
/// thread consumes; it may be a different one from call to call.
///
/// ```swift
/// let loader = try BatchLoader(dataset, columns: ["price", "items", "label"], options: options)
/// for epoch in 0..<epochs {
///     loader.start(epoch: epoch)
///     while let batch = try loader.next() { try step(batch) }
/// }
/// ```
public final class BatchLoader {
    /// The inputs of every batch, in the order of their indices; with length buckets of the longest.
    public let inputs: [BatchInput]
    /// The sizes that differ from batch to batch: `B`, then `N.<column>` for each ragged column.
    public let symbols: [SizeSymbol]
    /// The number of batches of an epoch.
    public let stepCount: Int
    /// The number of rows of an epoch.
    public let rowCount: Int
    /// The inputs of the batches of each length bucket; of one without.
    public let bucketInputs: [[BatchInput]]
    private let producer: BatchProducer
    private let thread: ProducerThread

    /// Allocates the buffers and starts the thread, which waits for `start`.
    ///
    /// - Parameters:
    ///   - dataset: the data.
    ///   - columns: the columns of the batches; nil for all.
    ///   - options: batch size, order, rows and scenarios.
    /// - Throws: `TableError` when a column is unknown or an option out of range.
    public init(
        _ dataset: PreparedDataset,
        columns: [String]? = nil,
        options: BatchLoaderOptions
    ) throws {
        let assembler = try BatchAssembler(
            dataset,
            columns: columns ?? dataset.columns.map(\.name),
            options: options
        )
        bucketInputs = assembler.inputs
        inputs = bucketInputs[bucketInputs.count - 1]
        symbols = assembler.symbols
        stepCount = assembler.order.stepCount
        rowCount = assembler.order.rowCount
        producer = BatchProducer(assembler)
        thread = try ProducerThread(producer)
    }

    deinit {
        producer.stop()
        thread.join()
    }

    /// Goes to a batch of an epoch and begins to make batches from there.
    ///
    /// - Parameters:
    ///   - epoch: the epoch, from 0; each has its own order.
    ///   - step: the first batch, from 0.
    public func start(epoch: Int, step: Int = 0) {
        precondition(epoch >= 0 && step >= 0, "BatchLoader: epoch and step are at least 0.")
        producer.start(epoch: epoch, step: step)
    }

    /// Waits for the next batch.
    ///
    /// - Returns: the batch, whose memory is valid until the next call of `next` or `start`, or nil
    ///   when the epoch is over or was not started.
    /// - Throws: `TableError` when the data are damaged.
    public func next() throws -> BatchBuffer? { try producer.next() }
}
