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

    /// A file of records.
    private struct File {
        /// How many records it has, and the number of the last one.
        var records = 0
        var last: Int
        /// The newest order there was with its first record, and with its last; nil without any.
        var began: Int64?
        var newest = Int64.min
    }

    private struct State {
        var memory: RiskMemory
        var given = GivenAnswers()
        /// How many records were written.
        var written = 0
        var files: [File] = []

        /// Remembers what was written.
        mutating func add(_ record: RiskRecord, _ options: Options) {
            memory.add(record.order, fingerprint: record.fingerprint)
            written += 1
            given.keep(
                GivenAnswers.Answer(
                    fingerprint: record.fingerprint,
                    bytes: record.answer,
                    number: written
                ),
                to: record.order
            )
            let newest = memory.newestTime ?? record.order.time
            given.forget(most: options.answers, until: newest - options.window)
            guard !files.isEmpty else { return }
            let place = files.count - 1
            files[place].records += 1
            files[place].last = written
            files[place].began = files[place].began ?? newest
            files[place].newest = max(files[place].newest, record.order.time)
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
        try self.init(folder: folder, options: options, synchronize: RiskJournal.synchronize) {
            Foundation.write($0, $1.baseAddress, $1.count)
        }
    }

    init(
        folder: String?,
        options: Options,
        synchronize: @escaping RiskJournal.Synchronize = RiskJournal.synchronize,
        write: @escaping RiskJournal.Write
    ) throws(DecisionError) {
        self.options = options
        var state = State(memory: RiskMemory(capacity: options.orders, window: options.window))
        guard let folder else {
            self.state = Mutex(state)
            journal = nil
            return
        }
        var last: Int?
        let journal = try RiskJournal(folder, write: write, synchronize: synchronize) {
            record,
            segment in
            guard let record = RiskRecord(record) else { return false }
            if last != segment { state.files.append(File(last: state.written)) }
            last = segment
            state.add(record, options)
            return true
        }
        // A file without a record, which an end of the process left.
        if last != journal.segment { state.files.append(File(last: state.written)) }
        self.journal = JournalBox(journal, written: state.written, synchronize)
        self.state = Mutex(state)
    }

    /// How many orders are counted.
    public var orders: Int { state.withLock { $0.memory.count } }

    /// Ends the use of the folder, so that another can open it; orders are decided no more.
    public func close() { journal?.close() }

    /// The answer that an order got, where it is remembered.
    ///
    /// - Parameters:
    ///   - id: what tells the order from others.
    ///   - fingerprint: a hash of everything that must be the same when it comes again.
    /// - Returns: the answer, or that another order of the identity was decided.
    /// - Throws: `DecisionError` where the answer is to survive the end of the power, and is not on the disk.
    public func answer(
        to id: RiskIdentity,
        fingerprint: UInt64
    ) throws(DecisionError) -> Outcome? {
        guard let (outcome, number) = state.withLock({ Self.known(id, fingerprint, $0) }) else {
            return nil
        }
        try synchronize(outcome, number)
        return outcome
    }

    /// What became of an order, with the number of its record.
    private static func known(
        _ id: RiskIdentity,
        _ fingerprint: UInt64,
        _ state: State
    ) -> (Outcome, Int)? {
        if let given = state.given[id] {
            return (
                given.fingerprint == fingerprint ? .repeated(given.bytes) : .conflict, given.number
            )
        }
        // The answer is forgotten, but not what it was to.
        guard let before = state.memory.fingerprint(of: id), before != fingerprint else {
            return nil
        }
        return (.conflict, 0)
    }

    /// Waits until an answer is on the disk, also a repeated one: the first may not have got there yet.
    private func synchronize(_ outcome: Outcome, _ number: Int) throws(DecisionError) {
        guard options.survivesPower, outcome != .conflict else { return }
        try journal?.synchronize(through: number)
    }

    /// Decides about an order, unless it was decided.
    ///
    /// - Parameters:
    ///   - order: the order.
    ///   - fingerprint: a hash of everything that must be the same when it comes again.
    ///   - decide: makes the answer from the orders there were; called once, and not beside that of another order.
    /// - Returns: the answer.
    /// - Throws: `DecisionError` where the answer cannot be kept; nothing was decided then, but with the code `risk_unsure`, where the
    ///   disk failed after the writing.
    public func decide(
        _ order: RiskOrder,
        fingerprint: UInt64,
        _ decide: (borrowing RiskMemory) -> [UInt8]
    ) throws(DecisionError) -> Outcome {
        let result = state.withLock { state -> Result<(Outcome, Int), DecisionError> in
            if let known = Self.known(order.id, fingerprint, state) { return .success(known) }
            let answer = decide(state.memory)
            let record = RiskRecord(order: order, fingerprint: fingerprint, answer: answer)
            do throws(DecisionError) { try append(record, &state) } catch { return .failure(error) }
            state.add(record, options)
            removeFiles(&state)
            return .success((.decided(answer), state.written))
        }
        let (outcome, number) = try result.get()
        try synchronize(outcome, number)
        return outcome
    }

    /// Appends a record, to another file where it is time for one.
    private func append(_ record: RiskRecord, _ state: inout State) throws(DecisionError) {
        guard let journal, let file = state.files.last else { return }
        let newest = max(state.memory.newestTime ?? .min, record.order.time)
        // Files go as a whole, so that one is of a quarter of what is remembered, in orders and in time.
        let isFull =
            file.records >= max(1_000, options.orders / 4)
            || file.began.map { newest - $0 >= max(1, options.window / 4) } == true
        try journal.append(record.bytes, startsFile: isFull)
        if isFull { state.files.append(File(last: state.written)) }
    }

    /// Removes the files that are out of the window, and those that neither orders nor answers reach.
    private func removeFiles(_ state: inout State) {
        guard let journal, let newest = state.memory.newestTime else { return }
        while state.files.count > 1, let oldest = state.files.first {
            let after = state.written - oldest.last
            guard
                oldest.newest <= newest - options.window
                    || (after >= options.answers && after >= options.orders)
            else { break }
            journal.removeOldest()
            state.files.removeFirst()
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
    /// How many records are on the disk.
    ///
    /// None of those that were read is known to be: a process that ended wrote them.
    private let synchronized = Mutex(0)
    private let synchronizeFile: RiskJournal.Synchronize

    init(
        _ journal: sending RiskJournal,
        written: Int,
        _ synchronize: @escaping RiskJournal.Synchronize
    ) {
        state = Mutex(State(journal: journal, written: written))
        synchronizeFile = synchronize
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
    ///
    /// Once a file did not come there it is never tried again: a second try may succeed without the bytes of the first.
    func synchronize(through count: Int) throws(DecisionError) {
        let failure = synchronized.withLock { done -> DecisionError? in
            guard done < count else { return nil }
            let (file, written) = state.withLock { state in
                (state.journal.isBroken ? -1 : state.journal.duplicate(), state.written)
            }
            defer { RiskJournal.end(file) }
            guard file >= 0, synchronizeFile(file) else {
                return state.withLock { $0.journal.broke() }
            }
            done = written
            return nil
        }
        if let failure { throw failure }
    }
}
