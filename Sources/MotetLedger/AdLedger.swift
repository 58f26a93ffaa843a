import Dispatch
import MotetDecisions
import Synchronization

/// What was sold to whom and at what price, what happened to it, and what campaigns have spent: in memory for the next
/// auction, and in SQLite for any end of the process.
///
/// A sale is decided by ``decide(_:at:)`` and counts once ``keep(_:)`` has returned: then it can be charged. A charge is of
/// an ad in a sale, and once: the event that is paid for costs the price of the sale, whatever is sent again. A campaign
/// is open while it has spent less than its budget of the day, so that it spends at most its budget and one price.
///
/// Calls that come while a commit is under way are committed together by the next. What changes is in mutexes; the file
/// is used on one serial queue, but for the day that begins.
public final class AdLedger: Sendable {
    /// How it works.
    public let options: AdLedgerOptions
    let state: Mutex<LedgerState>
    let database: LedgerDatabase
    private let folder: String
    private let queue = DispatchQueue(label: "motet.ad-ledger")
    private let waiting = Mutex(Waiting())

    private struct Waiting {
        var writes: [Write] = []
        /// Budgets that are not written yet, and go before all that is.
        var budgets: [DayBudget.Key: DayBudget] = [:]
        /// Whether some of them were never tried to be written.
        var hasNewBudgets = false
        var isScheduled = false
        var isClosed = false
    }

    /// Something that waits to be written.
    enum Write: Sendable {
        case sale(SaleRecord, CheckedContinuation<[SoldAd]?, any Error>)
        case charges([AdEvent], day: Int64, CheckedContinuation<[AdCharge], any Error>)
        case shares([String: Double], day: Int64)
        case forget(String, CheckedContinuation<Void, any Error>)
        case clean(before: Int64, now: Int64)
        case nothing(CheckedContinuation<Void, any Error>)
    }

    /// Opens the ledger of a folder, or makes one.
    ///
    /// - Parameters:
    ///   - folder: where it is kept; one process may have it open.
    ///   - options: how it works.
    ///   - time: now, in milliseconds since 1970.
    /// - Throws: ``LedgerError`` when it is open elsewhere, damaged or cannot be written.
    public init(
        folder: String,
        options: AdLedgerOptions = AdLedgerOptions(),
        at time: Int64
    ) throws(LedgerError) {
        self.folder = folder
        self.options = options
        database = try LedgerDatabase(folder: folder, durability: options.durability)
        let day = options.day(of: time)
        state = Mutex(
            LedgerState(
                day: day,
                written: try database.accounts(day: day),
                lastShares: try database.lastShares(before: day),
                exposures: try database.exposures(at: time),
                nextPacing: time + options.pacingInterval
            )
        )
        later(clean(at: time))
    }

    /// Keeps a sale; when it returns, what was sold can be charged.
    ///
    /// - Parameter decision: what was decided.
    /// - Returns: the decision, or that of the first time where the sale was made before.
    /// - Throws: ``LedgerError`` when it cannot be written; nothing was sold then.
    public func keep(_ decision: SaleDecision) async throws -> SaleDecision {
        let record = decision.record
        do {
            let before: [SoldAd]? = try await submit { .sale(record, $0) }
            guard let before else { return decision }
            takeBack(record)
            var repeated = decision
            repeated.sold = before
            repeated.outcomes = []
            repeated.shares = []
            repeated.isRepeated = true
            return repeated
        } catch {
            takeBack(record)
            throw error
        }
    }

    /// Charges events; when it returns, they are charged for good.
    ///
    /// - Parameters:
    ///   - events: what happened.
    ///   - time: now, in milliseconds since 1970; budgets of its day pay.
    /// - Returns: what became of each, in order.
    /// - Throws: ``LedgerError`` when it cannot be written; nothing was charged then.
    public func charge(_ events: [AdEvent], at time: Int64) async throws -> [AdCharge] {
        let day = options.day(of: time)
        return try await submit { .charges(events, day: day, $0) }
    }

    /// Removes what is kept of a user: how often ads were shown.
    ///
    /// - Parameter user: the user.
    /// - Throws: ``LedgerError`` when it cannot be written.
    public func forget(user: String) async throws {
        state.withLock { $0.exposures[user] = nil }
        let _: Void = try await submit { .forget(user, $0) }
    }

    /// Waits for what was begun, and closes the file.
    ///
    /// - Throws: ``LedgerError`` when it cannot be written.
    public func close() async throws {
        do { let _: Void = try await submit(closes: true) { .nothing($0) } } catch {
            try database.close()
            throw error
        }
        try database.close()
    }

    private func takeBack(_ record: SaleRecord) { state.withLock { $0.takeBack(record) } }

    /// Puts a write in the queue.
    private func submit<Value: Sendable>(
        closes: Bool = false,
        _ make: (CheckedContinuation<Value, any Error>) -> Write
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { reply in
            let write = make(reply)
            let refusal = waiting.withLock { waiting -> LedgerError? in
                guard !waiting.isClosed else {
                    return LedgerError(
                        .ledger,
                        "ledger \"\(folder)\": closed; expected an open one."
                    )
                }
                guard closes || waiting.writes.count < options.maximumWaiting else {
                    return LedgerError(
                        .ledgerFull,
                        "ledger \"\(folder)\": too much waits to be written; expected at most "
                            + "\(options.maximumWaiting) sales and charges. Send them again later."
                    )
                }
                waiting.isClosed = closes
                add(write, to: &waiting)
                return nil
            }
            if let refusal { reply.resume(throwing: refusal) }
        }
    }

    /// Puts a write in the queue that nobody waits for.
    func later(_ write: Write) {
        waiting.withLock { waiting in
            guard !waiting.isClosed else { return }
            add(write, to: &waiting)
        }
    }

    /// Puts budgets in the queue: they are written before all that comes after them, and again where that fails.
    func later(_ budgets: [DayBudget]) {
        guard !budgets.isEmpty else { return }
        waiting.withLock { waiting in
            guard !waiting.isClosed else { return }
            for budget in budgets { waiting.budgets[budget.key] = budget }
            waiting.hasNewBudgets = true
            schedule(&waiting)
        }
    }

    private func add(_ write: Write, to waiting: inout Waiting) {
        waiting.writes.append(write)
        schedule(&waiting)
    }

    private func schedule(_ waiting: inout Waiting) {
        guard !waiting.isScheduled else { return }
        waiting.isScheduled = true
        queue.async { self.commitWaiting() }
    }

    /// What removes old sales and showings.
    func clean(at time: Int64) -> Write {
        .clean(before: time - Int64(options.keepDays) * AdLedgerOptions.dayLength, now: time)
    }

    /// Commits all that waits, and comes back for what comes meanwhile.
    private func commitWaiting() {
        let (writes, budgets) = waiting.withLock {
            waiting -> ([Write], [DayBudget.Key: DayBudget]) in
            guard !waiting.writes.isEmpty || waiting.hasNewBudgets else {
                waiting.isScheduled = false
                return ([], [:])
            }
            let taken = (waiting.writes, waiting.budgets)
            (waiting.writes, waiting.budgets, waiting.hasNewBudgets) = ([], [:], false)
            return taken
        }
        guard !writes.isEmpty || !budgets.isEmpty else { return }
        if !commit(writes, Array(budgets.values)) {
            // With the next commit: nothing is charged before they are written.
            waiting.withLock { $0.budgets.merge(budgets) { newer, _ in newer } }
        }
        queue.async { self.commitWaiting() }
    }
}
