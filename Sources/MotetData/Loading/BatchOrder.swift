import CKernels
import MotetCore

/// The rows of each batch of an epoch, walked through from any batch.
///
/// With length buckets each batch has rows of one bucket: each bucket has an order of its own, and the
/// batches of all buckets are shuffled together. Everything is a function of the key and the epoch.
final class BatchOrder {
    /// The batches of an epoch.
    let stepCount: Int
    /// The rows of an epoch.
    let rowCount: Int
    /// How many buckets there are; 1 without.
    let bucketCount: Int
    private let orders: [RowOrder]
    private let batchCounts: [Int]
    private let batchSize: Int
    private let key: RandomKey?
    /// The bucket of each batch; with one bucket nothing is kept.
    private let sequence: UnsafeMutablePointer<Int64>
    private var done: [Int]
    private var step = 0

    init(_ dataset: PreparedDataset, _ options: BatchLoaderOptions) throws(TableError) {
        var selections = [options.rows]
        if let buckets = options.lengthBuckets {
            selections = try buckets.rows(of: dataset, among: options.rows)
                .map { BatchRows.indices($0) }
        }
        let isBucketed = selections.count > 1
        var orders: [RowOrder] = []
        for (bucket, selection) in selections.enumerated() {
            var key = options.shuffleKey
            if isBucketed { key = key?.split("bucket").split(bucket) }
            orders.append(
                RowOrder(
                    rowCount: dataset.rowCount,
                    selection: selection,
                    key: key,
                    options: options.shuffle
                )
            )
        }
        self.orders = orders
        batchSize = options.batchSize
        let extra = options.dropsLastBatch ? 0 : options.batchSize - 1
        let counts = orders.map { ($0.count + extra) / options.batchSize }
        batchCounts = counts
        stepCount = counts.reduce(0, +)
        rowCount =
            options.dropsLastBatch
            ? stepCount * options.batchSize : orders.reduce(0) { $0 + $1.count }
        bucketCount = orders.count
        key = isBucketed ? options.shuffleKey : nil
        sequence = .allocate(capacity: isBucketed ? max(stepCount, 1) : 1)
        done = orders.map { _ in 0 }
    }

    deinit { sequence.deallocate() }

    /// Called with rows that are soon read.
    func setWillNeed(_ willNeed: @escaping (Range<Int>) -> Void) {
        for order in orders { order.willNeed = willNeed }
    }

    /// Goes to a batch of an epoch.
    func start(epoch: Int, step: Int) {
        self.step = min(step, stepCount)
        for bucket in orders.indices { done[bucket] = 0 }
        if bucketCount == 1 {
            done[0] = self.step
        } else {
            var place = 0
            for (bucket, count) in batchCounts.enumerated() {
                for _ in 0..<count {
                    sequence[place] = Int64(bucket)
                    place += 1
                }
            }
            if let key {
                let shuffle = key.split("epoch").split(epoch).split("buckets")
                motet_shuffle_i64(sequence, Int64(stepCount), shuffle.value)
            }
            for earlier in 0..<self.step { done[Int(sequence[earlier])] += 1 }
        }
        for (bucket, order) in orders.enumerated() {
            order.start(epoch: epoch, position: min(done[bucket] * batchSize, order.count))
        }
    }

    /// The bucket of the next batch, or nil at the end of the epoch.
    var nextBucket: Int? {
        guard step < stepCount else { return nil }
        return bucketCount == 1 ? 0 : Int(sequence[step])
    }

    /// Writes the rows of the next batch.
    ///
    /// - Parameters:
    ///   - bucket: what `nextBucket` said.
    ///   - rows: room for a batch.
    /// - Returns: how many there are, and whether they are consecutive.
    func take(
        _ bucket: Int,
        into rows: UnsafeMutablePointer<Int64>
    ) -> (count: Int, isRun: Bool) {
        step += 1
        return orders[bucket].take(batchSize, into: rows)
    }
}
