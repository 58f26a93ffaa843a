import Foundation

/// Threads that compute requests, off the event loops, with a queue that has an end.
///
/// `@unchecked Sendable`: `queue`, `running` and `isStopping` are touched under `condition` only.
final class WorkerPool: @unchecked Sendable {
    /// Why work was not taken.
    enum Refusal: Error {
        /// As much is waiting as may wait.
        case full
        /// The pool takes no more work.
        case stopping
    }

    /// How many threads there are.
    let threads: Int
    /// How much work may wait.
    let limit: Int
    private let condition = NSCondition()
    private var queue: ArraySlice<@Sendable () -> Void> = []
    private var running = 0
    private var isStopping = false

    /// Starts threads.
    ///
    /// - Parameters:
    ///   - threads: how many.
    ///   - limit: how much work may wait for a thread.
    ///   - prepare: what each thread does first.
    init(threads: Int, limit: Int, prepare: @escaping @Sendable () -> Void = {}) {
        self.threads = threads
        self.limit = limit
        for index in 0..<threads {
            let thread = Thread { [weak self] in
                prepare()
                while let work = self?.next() {
                    work()
                    self?.done()
                }
            }
            thread.name = "motet-worker-\(index)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// How much work is waiting, and how much is being done.
    var load: (waiting: Int, running: Int) {
        condition.withLock { (queue.count, running) }
    }

    /// Does work on one of the threads.
    ///
    /// - Parameter work: what is done.
    /// - Returns: what `work` returns.
    /// - Throws: `Refusal` where it was not taken, and what `work` throws.
    func run<Result: Sendable>(
        _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let refusal = enqueue {
                continuation.resume(with: Swift.Result { try work() })
            }
            if let refusal { continuation.resume(throwing: refusal) }
        }
    }

    /// Does work on one of the threads that says later what came of it.
    ///
    /// - Parameter work: what is done; it calls its argument once, on whatever thread.
    /// - Returns: what it is called with.
    /// - Throws: `Refusal` where the work was not taken, and the failure it says.
    func run<Value: Sendable>(
        deferring work:
            @escaping @Sendable (_ done: @escaping @Sendable (Result<Value, any Error>) -> Void) ->
            Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let refusal = enqueue { work { continuation.resume(with: $0) } }
            if let refusal { continuation.resume(throwing: refusal) }
        }
    }

    /// Takes no more work, does what waits, and lets the threads end.
    func stop() {
        condition.withLock {
            isStopping = true
            condition.broadcast()
        }
    }

    /// Puts work behind all that waits.
    ///
    /// - Parameter work: what is done on one of the threads.
    /// - Returns: why it was not taken; nil where it was.
    func enqueue(_ work: @escaping @Sendable () -> Void) -> Refusal? {
        condition.withLock {
            guard !isStopping else { return .stopping }
            // Idle threads are places beside the queue.
            guard queue.count < limit + (threads - running) else { return .full }
            queue.append(work)
            condition.signal()
            return nil
        }
    }

    /// Waits for work; nil when the pool stops.
    private func next() -> (@Sendable () -> Void)? {
        condition.withLock {
            while queue.isEmpty {
                if isStopping { return nil }
                condition.wait()
            }
            running += 1
            let work = queue.removeFirst()
            if queue.isEmpty { queue = [] }
            return work
        }
    }

    private func done() {
        condition.withLock { running -= 1 }
    }
}
