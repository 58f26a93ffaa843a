import Foundation
import MotetCore
import Synchronization

/// Decides about each order once, and remembers what was decided.
///
/// A repeated order gets the answer it got before, however often and from however many threads it comes, and counts once. With a
/// folder, what was answered is there after any end of the process.
public final class RiskLedger: Sendable {
    /// How much is remembered, and how safely.
    public struct Options: Hashable, Sendable {
        /// The most orders that are counted.
        public var orders = 1_000_000
        /// The most answers that are given again; an older order that comes again is decided anew, and counts once still.
        public var answers = 100_000
        /// For how long orders are counted, in milliseconds.
        public var window: Int64 = 30 * 86_400_000
        /// Whether an answer waits until it is on the disk, and so survives the end of the machine's power.
        public var survivesPower = true

        /// The defaults.
        public init() {}
    }

    /// What became of an order.
    public enum Outcome: Hashable, Sendable {
        /// It was decided.
        case decided([UInt8])
        /// It was decided before.
        case repeated([UInt8])
        /// Another order of the same identity was decided before.
        case conflict
    }

    private struct Given {
        var fingerprint: UInt64
        var answer: [UInt8]
    }

    private struct State {
        var memory: RiskMemory
        var given: [RiskIdentity: Given] = [:]
        /// The identities of `given`, the oldest first, from `head` on.
        var order: [RiskIdentity] = []
        var head = 0
        /// How many records were written, and the number of the last one of each file with its newest time.
        var written = 0
        var ends: [(last: Int, newest: Int64)] = []

        mutating func keep(_ id: RiskIdentity, _ given: Given, most: Int) {
            if self.given.updateValue(given, forKey: id) == nil { order.append(id) }
            while order.count - head > most {
                self.given[order[head]] = nil
                head += 1
            }
            if head > 1_024, head * 2 > order.count {
                order.removeFirst(head)
                head = 0
            }
        }
    }

    /// How much is remembered.
    public let options: Options
    private let state: Mutex<State>
    private let journal: JournalBox?

    /// Opens a ledger.
    ///
    /// - Parameters:
    ///   - folder: where it is kept; nil keeps it in memory alone.
    ///   - options: how much is remembered.
    /// - Throws: `DecisionError` where the folder cannot be used.
    public convenience init(
        folder: String?,
        options: Options = Options()
    ) throws(DecisionError) {
        try self.init(folder: folder, options: options) {
            Foundation.write($0, $1.baseAddress, $1.count)
        }
    }

    init(
        folder: String?,
        options: Options,
        write: @escaping RiskJournal.Write
    ) throws(DecisionError) {
        self.options = options
        var state = State(memory: RiskMemory(capacity: options.orders, window: options.window))
        guard let folder else {
            self.state = Mutex(state)
            journal = nil
            return
        }
        var segments: [Int] = []
        let journal = try RiskJournal(folder, write: write) { record, segment in
            guard let record = RiskRecord(record) else { return false }
            state.memory.add(record.order)
            state.keep(
                record.order.id,
                Given(fingerprint: record.fingerprint, answer: record.answer),
                most: options.answers
            )
            state.written += 1
            if segments.last != segment {
                segments.append(segment)
                state.ends.append((0, .min))
            }
            state.ends[state.ends.count - 1].last = state.written
            let newest = state.ends[state.ends.count - 1].newest
            state.ends[state.ends.count - 1].newest = max(newest, record.order.time)
            return true
        }
        // A file without a record, which an end of the process left.
        if segments.last != journal.segment { state.ends.append((state.written, .min)) }
        self.journal = JournalBox(journal, written: state.written)
        self.state = Mutex(state)
    }

    /// How many orders are counted.
    public var orders: Int { state.withLock { $0.memory.count } }

    /// Ends the use of the folder, so that another can open it; orders are decided no more.
    public func close() { journal?.close() }

    /// The answer that an order got, where it is remembered.
    public func answer(to id: RiskIdentity, fingerprint: UInt64) -> Outcome? {
        state.withLock { Self.known(id, fingerprint, $0) }
    }

    private static func known(
        _ id: RiskIdentity,
        _ fingerprint: UInt64,
        _ state: State
    ) -> Outcome? {
        state.given[id].map { $0.fingerprint == fingerprint ? .repeated($0.answer) : .conflict }
    }

    /// Decides about an order, unless it was decided.
    ///
    /// - Parameters:
    ///   - order: the order.
    ///   - fingerprint: a hash of everything that must be the same when it comes again.
    ///   - decide: makes the answer from the orders there were; called once, and not beside that of another order.
    /// - Returns: the answer.
    /// - Throws: `DecisionError` where the answer cannot be kept: nothing was decided then, but where the disk failed after the
    ///   writing, in which case the same answer is given again.
    public func decide(
        _ order: RiskOrder,
        fingerprint: UInt64,
        _ decide: (borrowing RiskMemory) -> [UInt8]
    ) throws(DecisionError) -> Outcome {
        let result = state.withLock { state -> Result<(Outcome, Int), DecisionError> in
            if let known = Self.known(order.id, fingerprint, state) {
                return .success((known, state.written))
            }
            let answer = decide(state.memory)
            let record = RiskRecord(order: order, fingerprint: fingerprint, answer: answer)
            do throws(DecisionError) { try keep(record, &state) } catch { return .failure(error) }
            state.memory.add(order)
            state.keep(
                order.id,
                Given(fingerprint: fingerprint, answer: answer),
                most: options.answers
            )
            return .success((.decided(answer), state.written))
        }
        let (outcome, written) = try result.get()
        // Also a repeated answer waits for the disk: the first one may not have got there yet.
        if options.survivesPower, outcome != .conflict {
            try journal?.synchronize(through: written)
        }
        return outcome
    }

    /// Appends a record, begins another file where it is time, and removes those that nothing needs.
    private func keep(_ record: RiskRecord, _ state: inout State) throws(DecisionError) {
        guard let journal else { return }
        let start = state.ends.count > 1 ? state.ends[state.ends.count - 2].last : 0
        let isFull = state.written - start >= max(1_000, options.orders / 4)
        try journal.append(record.bytes, startsFile: isFull && !state.ends.isEmpty)
        if isFull || state.ends.isEmpty { state.ends.append((0, .min)) }
        state.written += 1
        let place = state.ends.count - 1
        state.ends[place] = (state.written, max(state.ends[place].newest, record.order.time))
        let newest = max(state.memory.newestTime ?? .min, record.order.time)
        while state.ends.count > 1, let oldest = state.ends.first {
            let after = state.written - oldest.last
            // One day more than the window, for orders that come late.
            let isOld = oldest.newest < newest - options.window - 86_400_000
            guard after >= options.answers, after >= options.orders || isOld else { break }
            journal.removeOldest()
            state.ends.removeFirst()
        }
    }
}

/// A journal that threads share: appending is the ledger's, under its lock; one thread brings to the disk what all appended.
private final class JournalBox: Sendable {
    private struct State: ~Copyable {
        var journal: RiskJournal
        var written: Int
    }

    private let state: Mutex<State>
    private let synchronized: Mutex<Int>

    init(_ journal: sending RiskJournal, written: Int) {
        state = Mutex(State(journal: journal, written: written))
        synchronized = Mutex(written)
    }

    func append(_ record: [UInt8], startsFile: Bool) throws(DecisionError) {
        let failure = state.withLock { state -> DecisionError? in
            do throws(DecisionError) {
                if startsFile { try state.journal.beginSegment() }
                try state.journal.append(record)
                state.written += 1
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }

    func close() { state.withLock { $0.journal.close() } }

    func removeOldest() { state.withLock { $0.journal.removeOldest() } }

    /// Waits until the first `count` records are on the disk.
    func synchronize(through count: Int) throws(DecisionError) {
        let failure = synchronized.withLock { done -> DecisionError? in
            guard done < count else { return nil }
            let (file, written) = state.withLock { ($0.journal.duplicate(), $0.written) }
            defer { RiskJournal.end(file) }
            guard RiskJournal.synchronize(file) else {
                return state.withLock { $0.journal.broke() }
            }
            done = written
            return nil
        }
        if let failure { throw failure }
    }
}
