import MotetDecisions
import Synchronization

extension AdLedger {
    /// What a commit brought.
    private enum Written: Sendable {
        case sold([SoldAd]?)
        case charged([AdCharge], [String: Money])
        case done
        /// Something is left to be cleaned.
        case more
    }

    /// Commits writes together, and tells those who wait.
    ///
    /// Runs on the ledger's queue.
    ///
    /// - Parameters:
    ///   - writes: what is written, in order.
    ///   - budgets: what is written before.
    /// - Returns: whether it is written; nothing of it is else.
    func commit(_ writes: [Write], _ budgets: [DayBudget]) -> Bool {
        let results: [Written]
        do {
            results = try database.write { transaction in
                try transaction.set(budgets)
                return try writes.map { try Self.do($0, transaction) }
            }
        } catch {
            for write in writes { Self.tell(write, error) }
            return false
        }
        for (write, result) in zip(writes, results) {
            switch (write, result) {
            case (.sale(_, let reply), .sold(let before)): reply.resume(returning: before)
            case (.charges(_, let day, let reply), .charged(let charges, let spent)):
                count(charges, spent, day)
                reply.resume(returning: charges)
            case (.forget(_, let reply), _):
                // Gone from the write-ahead log too.
                reply.resume(with: Result { try database.checkpoint() })
            case (.nothing(let reply), _): reply.resume()
            case (.clean, .more): later(write)
            default: continue
            }
        }
        return true
    }

    private static func `do`(
        _ write: Write,
        _ transaction: LedgerDatabase.Transaction
    ) throws -> Written {
        switch write {
        case .sale(let sale, _): return .sold(try transaction.add(sale))
        case .charges(let events, let day, _):
            var charges: [AdCharge] = []
            var spent: [String: Money] = [:]
            for event in events {
                let (charge, now) = try transaction.charge(event, day: day)
                charges.append(charge)
                if let now, let campaign = charge.campaign { spent[campaign] = now }
            }
            return .charged(charges, spent)
        case .shares(let shares, let day): try transaction.set(shares, day: day)
        case .forget(let user, _): try transaction.forget(user)
        case .clean(let before, let now):
            let isMore = try transaction.removeOld(before: before, now: now, limit: 500)
            return isMore ? .more : .done
        case .nothing: break
        }
        return .done
    }

    private static func tell(_ write: Write, _ error: any Error) {
        switch write {
        case .sale(_, let reply): reply.resume(throwing: error)
        case .charges(_, _, let reply): reply.resume(throwing: error)
        case .forget(_, let reply), .nothing(let reply): reply.resume(throwing: error)
        case .shares, .clean: return
        }
    }

    /// Takes what was charged into the accounts in memory.
    private func count(_ charges: [AdCharge], _ spent: [String: Money], _ day: Int64) {
        state.withLock { state in
            guard state.day == day else { return }
            for (campaign, total) in spent {
                // What is written is the truth, and only grows.
                if let known = state.accounts[campaign] {
                    state.accounts[campaign]?.spent = max(known.spent, total)
                } else {
                    // Nobody has offered it today; the budget is that of the day it was.
                    let share = state.lastShares[campaign] ?? options.firstShare
                    let empty = LedgerDatabase.Account(budget: .zero, spent: .zero, share: share)
                    state.written[campaign, default: empty].spent = total
                }
            }
            for charge in charges where charge.outcome == .charged {
                guard let campaign = charge.campaign else { continue }
                state.accounts[campaign]?.charges += 1
            }
        }
    }
}
