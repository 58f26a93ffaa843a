import MotetDecisions

/// What a ledger has in memory: the accounts of the day, and who was shown what.
struct LedgerState {
    /// A campaign's day.
    struct Account {
        var budget: Money
        var spent: Money
        var plan: SpendPlan
        /// Sets the share of its bid; nil for a budget of nothing.
        var pacer: BudgetPacer?
        /// The budget as it is written, or waits to be; nil for an account that is new.
        var written: Money?
        /// How many of its ads were sold a place since the ledger was opened or the day began.
        var sold = 0
        /// How many were charged.
        var charges = 0
        /// How spending went.
        var points: [PacingPoint] = []

        var isOpen: Bool { spent < budget }
        var share: Double { pacer?.share ?? 1 }
    }

    /// The number of the day.
    var day: Int64
    var accounts: [String: Account] = [:]
    /// Accounts of the day that were written before and nobody asked for yet.
    var written: [String: LedgerDatabase.Account]
    /// The shares of bids the last day ended with.
    var lastShares: [String: Double] = [:]
    /// For each user and campaign when each showing counts no more, ascending.
    var exposures: [String: [String: [Int64]]]
    /// When shares are set again.
    var nextPacing: Int64

    init(
        day: Int64,
        written: [String: LedgerDatabase.Account],
        lastShares: [String: Double],
        exposures: [String: [String: [Int64]]],
        nextPacing: Int64
    ) {
        self.day = day
        self.written = written
        self.lastShares = lastShares
        self.exposures = exposures
        self.nextPacing = nextPacing
    }

    /// How often a user was shown ads of a campaign.
    func showings(of campaign: String, to user: String, at time: Int64) -> Int {
        exposures[user]?[campaign]?.count { $0 > time } ?? 0
    }

    /// Counts a showing.
    mutating func show(_ exposure: SaleRecord.Exposure, to user: String, at time: Int64) {
        var ends = exposures[user]?[exposure.campaign] ?? []
        ends.removeAll { $0 <= time }
        ends.append(exposure.end)
        exposures[user, default: [:]][exposure.campaign] = ends
    }

    /// Takes back a sale that did not come about: its showings, and what was sold.
    mutating func takeBack(_ record: SaleRecord) {
        if day == record.day {
            for ad in record.sold { accounts[ad.campaign]?.sold -= 1 }
        }
        guard let user = record.user else { return }
        for exposure in record.exposures {
            guard let place = exposures[user]?[exposure.campaign]?.lastIndex(of: exposure.end)
            else { continue }
            exposures[user]?[exposure.campaign]?.remove(at: place)
        }
    }

    /// Forgets showings that count no more.
    mutating func removeOldExposures(at time: Int64) {
        for (user, campaigns) in exposures {
            let left = campaigns.compactMapValues { ends in
                let kept = ends.filter { $0 > time }
                return kept.isEmpty ? nil : kept
            }
            exposures[user] = left.isEmpty ? nil : left
        }
    }

    /// The account of an offer's campaign, with the budget and the plan of the offer.
    mutating func open(_ offer: AdOffer, _ options: AdLedgerOptions, at time: Int64) {
        if accounts[offer.campaign] == nil {
            let before = written[offer.campaign]
            accounts[offer.campaign] = Account(
                budget: .zero,
                spent: before?.spent ?? .zero,
                plan: offer.plan,
                written: before?.budget
            )
        }
        guard let account = accounts[offer.campaign],
            account.budget != offer.budget || account.plan != offer.plan
                || (account.pacer == nil && offer.budget > .zero)
        else { return }
        accounts[offer.campaign]?.budget = offer.budget
        accounts[offer.campaign]?.plan = offer.plan
        if account.pacer == nil {
            accounts[offer.campaign]?.pacer = options.pacer(
                offer.budget,
                offer.plan,
                share: written[offer.campaign]?.share ?? lastShares[offer.campaign]
                    ?? options.firstShare,
                spent: account.spent,
                at: time
            )
        } else {
            // What was learnt of its spending stays true.
            accounts[offer.campaign]?.pacer?.aim(at: offer.budget, offer.plan)
        }
    }

    /// The budgets of offers' campaigns that are to be written; they count as written from now on.
    mutating func newBudgets(of offers: [AdOffer]) -> [DayBudget] {
        var budgets: [DayBudget] = []
        for offer in offers {
            guard let account = accounts[offer.campaign], account.written != account.budget else {
                continue
            }
            accounts[offer.campaign]?.written = account.budget
            budgets.append(
                DayBudget(
                    key: DayBudget.Key(campaign: offer.campaign, day: day),
                    budget: account.budget,
                    share: account.pacer?.share ?? lastShares[offer.campaign] ?? account.share
                )
            )
        }
        return budgets
    }
}

extension AdLedgerOptions {
    /// What paces a campaign from now on; nil where nothing is paced.
    func pacer(
        _ budget: Money,
        _ plan: SpendPlan,
        share: Double,
        spent: Money,
        at time: Int64
    ) -> BudgetPacer? {
        guard pacingGain > 0 else { return nil }
        return try? BudgetPacer(
            budget: budget,
            plan: plan,
            share: share,
            gain: pacingGain,
            memory: pacingMemory,
            from: self.share(of: time),
            spent: spent
        )
    }
}
