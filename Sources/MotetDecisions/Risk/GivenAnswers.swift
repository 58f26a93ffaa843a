/// The answers that are given again, by the order they are of: the newest ones.
struct GivenAnswers: Sendable {
    /// An answer.
    struct Answer: Sendable {
        /// A hash of everything that must be the same when the order comes again.
        let fingerprint: UInt64
        let bytes: [UInt8]
        /// The number of its record, from 1 on.
        let number: Int
    }

    private var answers: [RiskIdentity: Answer] = [:]
    /// What was kept, the oldest first, from `head` on; an order that was decided anew stands in it twice.
    private var queue: [(id: RiskIdentity, number: Int, time: Int64)] = []
    private var head = 0

    /// The answer to an order, where it is given again.
    subscript(id: RiskIdentity) -> Answer? { answers[id] }

    /// Keeps the answer to an order.
    mutating func keep(_ answer: Answer, to order: RiskOrder) {
        answers[order.id] = answer
        queue.append((order.id, answer.number, order.time))
    }

    /// Forgets what is too much and, from the oldest on, what is too old.
    ///
    /// - Parameters:
    ///   - most: how many stay at most.
    ///   - time: the answers to orders up to this moment go.
    mutating func forget(most: Int, until time: Int64) {
        while head < queue.count, answers.count > 1,
            answers.count > most || queue[head].time <= time
        {
            let oldest = queue[head]
            head += 1
            if answers[oldest.id]?.number == oldest.number { answers[oldest.id] = nil }
        }
        guard head > 1_024, head * 2 > queue.count else { return }
        queue.removeFirst(head)
        head = 0
    }
}
