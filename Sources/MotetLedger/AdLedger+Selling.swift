import MotetDecisions
import Synchronization

extension AdLedger {
    /// Decides who is shown: of the offers whose campaigns have money left and whose user was not shown them often enough,
    /// by an auction.
    ///
    /// What is decided counts for frequency caps at once, so that no two sales of a user pass one together; it can be
    /// charged after ``keep(_:)``.
    ///
    /// - Parameters:
    ///   - sale: the places, and who wants them.
    ///   - time: now, in milliseconds since 1970.
    /// - Returns: what was sold, and what became of each offer.
    /// - Throws: `DecisionError` for a probability that is none, ``LedgerError`` where a day that begins cannot be read.
    public func decide(_ sale: AdSale, at time: Int64) throws -> SaleDecision {
        try state.withLock { state in
            try begin(&state, at: time)
            pace(&state, at: time)
            for offer in sale.offers { state.open(offer, options, at: time) }
            // Within the lock: of two budgets of a campaign the last one decided by is the last one written.
            later(state.newBudgets(of: sale.offers))
            return try sell(sale, &state, at: time)
        }
    }

    /// Begins the day of a time, where it is another than before.
    private func begin(_ state: inout LedgerState, at time: Int64) throws(LedgerError) {
        let day = options.day(of: time, after: state.day)
        guard day != state.day else { return }
        state.lastShares.merge(state.accounts.compactMapValues(\.pacer?.share)) { _, new in new }
        state.written = try database.accounts(day: day)
        state.accounts = [:]
        state.day = day
        state.nextPacing = time + options.pacingInterval
        state.removeOldExposures(at: time)
        later(clean(at: time))
    }

    /// Sets the shares of bids, where the interval is over.
    private func pace(_ state: inout LedgerState, at time: Int64) {
        guard time >= state.nextPacing else { return }
        let interval = options.pacingInterval
        state.nextPacing += ((time - state.nextPacing) / interval + 1) * interval
        let (now, next) = (
            options.share(of: time),
            options.share(of: time) + Double(interval) / Double(AdLedgerOptions.dayLength)
        )
        var shares: [String: Double] = [:]
        for (campaign, var account) in state.accounts {
            account.pacer?.update(spent: account.spent, at: now, next: next)
            if now >= (account.points.last?.time ?? -1) + PacingPoint.step {
                account.points.append(account.point(at: now))
            }
            if account.pacer != nil, account.written != nil { shares[campaign] = account.share }
            state.accounts[campaign] = account
        }
        if !shares.isEmpty { later(.shares(shares, day: state.day)) }
    }

    private func sell(
        _ sale: AdSale,
        _ state: inout LedgerState,
        at time: Int64
    ) throws -> SaleDecision {
        var outcomes = [OfferOutcome](repeating: .belowReserve, count: sale.offers.count)
        var shares = [Double](repeating: 1, count: sale.offers.count)
        var candidates: [AdCandidate] = []
        var places: [Int] = []
        // Of each campaign its best ad, by its place among the candidates.
        var best: [String: Int] = [:]
        for (index, offer) in sale.offers.enumerated() {
            guard let account = state.accounts[offer.campaign], account.isOpen else {
                outcomes[index] = .spent
                continue
            }
            if let cap = offer.cap, let user = sale.user,
                state.showings(of: offer.campaign, to: user, at: time) >= cap.maximum
            {
                outcomes[index] = .capped
                continue
            }
            shares[index] = account.share
            let candidate = try AdCandidate(
                offer.ad,
                campaign: offer.campaign,
                bid: offer.bid,
                click: offer.click,
                conversion: offer.conversion,
                share: account.share
            )
            if let other = best[offer.campaign] {
                let isBetter = candidate.score > candidates[other].score
                outcomes[isBetter ? places[other] : index] = .behindOwn
                guard isBetter else { continue }
                (candidates[other], places[other]) = (candidate, index)
                continue
            }
            best[offer.campaign] = candidates.count
            candidates.append(candidate)
            places.append(index)
        }
        // Of equal scores the first of the request stands first.
        let order = candidates.indices.sorted { places[$0] < places[$1] }
        (candidates, places) = (order.map { candidates[$0] }, order.map { places[$0] })
        let result = sale.auction.sell(to: candidates)
        for candidate in result.outbid { outcomes[places[candidate]] = .outbid }
        var sold: [SoldAd] = []
        var exposures: [SaleRecord.Exposure] = []
        for placement in result.placements {
            let offer = sale.offers[places[placement.candidate]]
            outcomes[places[placement.candidate]] = .shown
            sold.append(
                SoldAd(
                    ad: offer.ad,
                    campaign: offer.campaign,
                    payment: offer.bid.payment,
                    price: placement.price,
                    score: placement.score
                )
            )
            state.accounts[offer.campaign]?.sold += 1
            guard let cap = offer.cap, let user = sale.user else { continue }
            let exposure = SaleRecord.Exposure(
                campaign: offer.campaign,
                end: time + cap.milliseconds
            )
            state.show(exposure, to: user, at: time)
            exposures.append(exposure)
        }
        return SaleDecision(
            sold: sold,
            outcomes: outcomes,
            shares: shares,
            record: SaleRecord(
                id: sale.id,
                time: time,
                day: state.day,
                user: exposures.isEmpty ? nil : sale.user,
                sold: sold,
                exposures: exposures
            )
        )
    }

    /// The campaigns that were offered today, by name.
    ///
    /// - Parameter time: now, in milliseconds since 1970.
    /// - Returns: their day so far; empty before the first sale of a day.
    public func figures(at time: Int64) -> [CampaignFigures] {
        let (day, accounts) = state.withLock { ($0.day, $0.accounts) }
        guard day == options.day(of: time, after: day) else { return [] }
        let now = options.day(of: time) < day ? 0 : options.share(of: time)
        return accounts.sorted { $0.key < $1.key }.map { campaign, account in
            let point = account.point(at: now)
            return CampaignFigures(
                campaign: campaign,
                budget: account.budget,
                spent: account.spent,
                planned: point.planned,
                share: account.share,
                sold: account.sold,
                charges: account.charges,
                points: account.points
            )
        }
    }
}

extension PacingPoint {
    /// How much of a day lies between two points that are kept.
    static let step = 1.0 / 144
}

extension LedgerState.Account {
    /// How far spending is.
    func point(at time: Double) -> PacingPoint {
        PacingPoint(
            time: time,
            spent: spent,
            planned: Money(budget.units * plan.share(at: time)),
            share: share
        )
    }
}
