import MotetData
import MotetExperiments
import NIOCore
import Synchronization

/// Computes requests of a few items together, where several wait.
///
/// Encoding and the model cost a request of one item nearly what they cost one of ten. While requests wait for a thread,
/// those of few items are read, given their features and put aside; they are encoded and computed as one batch when
/// enough rows are there, or when everything that waited before them is done. With nothing waiting every request is
/// computed at once, by itself: no request waits for others to come.
final class MicroBatcher: Sendable {
    /// Takes an answer or what went wrong.
    typealias Completion = @Sendable (Result<(Answer, ScoreRecord), any Error>) -> Void

    /// The most rows of a batch; a request of more than a quarter of them is computed by itself.
    let rows: Int
    private let pool: WorkerPool
    private let metrics: ServerMetrics
    private let pending = Mutex(Pending())
    private let memories = MemoryPool { JoinedScores() }

    private struct Pending: Sendable {
        var requests: [Waiting] = []
        var rows = 0
        /// Whether a piece of work is on its way that computes them.
        var isScheduled = false
    }

    /// A request that was put aside.
    private struct Waiting: Sendable {
        let scorer: Scorer
        let prepared: PreparedScore
        let completion: Completion

        /// Computes it by itself, from features that were asked for already.
        func answerAlone() {
            completion(
                Result {
                    var prepared = prepared
                    let scores = try scorer.compute(&prepared)
                    return scorer.answer(prepared, scores)
                }
            )
        }
    }

    /// Creates a batcher.
    ///
    /// - Parameters:
    ///   - rows: the most rows of a batch; below 4 every request is computed by itself.
    ///   - pool: the threads whose waiting work tells whether requests are put aside.
    ///   - metrics: counts batches.
    init(rows: Int, pool: WorkerPool, metrics: ServerMetrics) {
        self.rows = rows
        self.pool = pool
        self.metrics = metrics
    }

    /// Answers a request, now or with others; called on a thread of the pool.
    ///
    /// - Parameters:
    ///   - scorer: answers it.
    ///   - body: its bytes.
    ///   - start: when it was handed to the threads.
    ///   - completion: told the answer, on whatever thread makes it.
    func answer(
        _ scorer: Scorer,
        _ body: ByteBuffer,
        since start: ContinuousClock.Instant,
        _ completion: @escaping Completion
    ) {
        let waiting: Waiting
        do {
            let prepared = try scorer.prepare(body, since: start)
            waiting = Waiting(scorer: scorer, prepared: prepared, completion: completion)
        } catch { return completion(.failure(error)) }
        let count = waiting.prepared.request.count
        guard count * 4 <= rows, pool.load.waiting > 0 || pending.withLock({ $0.rows > 0 }) else {
            return waiting.answerAlone()
        }
        let (isFull, isFirst) = pending.withLock { pending in
            pending.requests.append(waiting)
            pending.rows += count
            let isFirst = !pending.isScheduled
            pending.isScheduled = true
            return (pending.rows + rows / 4 > rows, isFirst)
        }
        if isFull { return flush() }
        // Behind everything that waits now; a queue that takes no more leaves it to this thread.
        if isFirst, pool.enqueue({ self.flush(isScheduled: true) }) != nil {
            flush(isScheduled: true)
        }
    }

    /// Answers what was put aside.
    private func flush(isScheduled: Bool = false) {
        let taken = pending.withLock { pending in
            defer {
                pending.requests = []
                pending.rows = 0
                if isScheduled { pending.isScheduled = false }
            }
            return pending.requests
        }
        // Requests of several models may wait while one is swapped, or in an experiment.
        var groups: [ObjectIdentifier: [Waiting]] = [:]
        for waiting in taken {
            groups[ObjectIdentifier(waiting.prepared.model), default: []].append(waiting)
        }
        for group in groups.values { compute(group) }
    }

    private func compute(_ group: [Waiting]) {
        guard let model = group.first?.prepared.model, group.count > 1 else {
            return group.forEach { $0.answerAlone() }
        }
        var prepared = group.map(\.prepared)
        for index in prepared.indices { prepared[index].record.end(.queue) }
        let scores: [[ServedModel.Score]]
        do {
            let joined = memories.take()
            joined.join(prepared)
            let batch = try model.batch(
                joined.count,
                { joined.column($0) },
                items: joined.items,
                isWhole: true
            ) { "row \($0)" }
            for index in prepared.indices { prepared[index].record.end(.encode) }
            scores = try model.scores(batch)
            for index in prepared.indices { prepared[index].record.end(.compute) }
        } catch {
            // A value that cannot be encoded is told to the request that has it.
            return group.forEach { $0.answerAlone() }
        }
        metrics.batched(requests: group.count)
        var first = 0
        for (waiting, prepared) in zip(group, prepared) {
            let range = first..<(first + prepared.request.count)
            first = range.upperBound
            waiting.completion(
                Result {
                    let own = scores.map { Array($0[range]) }
                    try waiting.scorer.check(own, prepared.model)
                    return waiting.scorer.answer(prepared, own)
                }
            )
        }
    }
}
