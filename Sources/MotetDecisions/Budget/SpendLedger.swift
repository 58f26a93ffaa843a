import Synchronization

/// Who owes what: the budgets of campaigns for a period, such as a day, and what is charged to them.
///
/// A charge has an identity and counts once, however often it is sent and from however many threads. A campaign is open
/// while less than its budget is spent; the charge that reaches the budget is the last, so that a campaign never spends
/// more than its budget and one price. What happens after that costs it nothing.
public final class SpendLedger: Sendable {
    /// What became of a charge.
    public enum Outcome: Hashable, Sendable {
        /// It counts, with this amount.
        case charged(Money)
        /// It counted already, with this amount.
        case repeated(Money)
        /// The budget is spent; it counts with nothing.
        case exhausted
    }

    private struct Account {
        var budget: Money
        var spent = Money.zero
    }

    private struct State {
        var accounts: [String: Account]
        var charges: [String: Money] = [:]
    }

    private let state: Mutex<State>

    /// Opens a ledger for a period.
    ///
    /// - Parameter budgets: the budget of each campaign; 0 or more.
    /// - Throws: `DecisionError` for a budget below 0.
    public init(budgets: [String: Money]) throws(DecisionError) {
        for (campaign, budget) in budgets.sorted(by: { $0.key < $1.key }) where budget < .zero {
            throw DecisionError(
                .budget,
                "campaign \"\(campaign)\": the budget is out of range; expected at least 0; received \(budget)."
            )
        }
        state = Mutex(State(accounts: budgets.mapValues { Account(budget: $0) }))
    }

    /// Whether a campaign still has money to spend; a campaign nobody knows has none.
    public func isOpen(_ campaign: String) -> Bool {
        state.withLock { state in
            state.accounts[campaign].map { $0.spent < $0.budget } ?? false
        }
    }

    /// What a campaign spent; nil for one nobody knows.
    public func spent(_ campaign: String) -> Money? {
        state.withLock { $0.accounts[campaign]?.spent }
    }

    /// Charges a campaign.
    ///
    /// - Parameters:
    ///   - id: the identity of what is charged, such as that of the click's event.
    ///   - campaign: who pays.
    ///   - price: how much; 0 or more.
    /// - Returns: whether it counts, and with how much.
    /// - Throws: `DecisionError` for a price below 0 or a campaign that is not known; nothing is charged then.
    public func charge(
        _ id: String,
        to campaign: String,
        _ price: Money
    ) throws(DecisionError) -> Outcome {
        guard price >= .zero else {
            throw DecisionError(
                .budget,
                "charge \"\(id)\": the price is out of range; expected at least 0; received \(price)."
            )
        }
        let outcome = state.withLock { state -> Outcome? in
            if let amount = state.charges[id] { return .repeated(amount) }
            guard let account = state.accounts[campaign] else { return nil }
            let amount = account.spent < account.budget ? price : .zero
            state.accounts[campaign]?.spent += amount
            state.charges[id] = amount
            return account.spent < account.budget ? .charged(amount) : .exhausted
        }
        guard let outcome else {
            throw DecisionError(
                .unknownCampaign,
                "charge \"\(id)\": there is no campaign \"\(campaign)\"; expected one with a budget; received one without."
            )
        }
        return outcome
    }
}
