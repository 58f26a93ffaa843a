import Foundation

/// Spends a budget as planned, by the share of its bid a campaign takes part with.
///
/// At the end of each interval the pacer plans the next from what is left, so that an error of one interval is made good
/// over all that follow: `target = (budget - spent) (plan(t + dt) - plan(t)) / (1 - plan(t))`. It expects that spending
/// follows the share: `expected = share * rate * (plan(t + dt) - plan(t))`, where `rate` is what was spent for each part
/// of the plan and share, with weights that fade by `exp(-planned / memory)`. Then `share *= (target / expected)^gain`.
///
/// - Source: a factor of bids set by feedback: Zhang, Rong, Wang, Zhu and Wang, "Feedback Control of Real-Time Display
///   Advertising", WSDM 2016. Multiplicative steps towards a planned curve of spending: Agarwal, Ghosh, Wei and You,
///   "Budget Pacing for Targeted Online Advertisements at LinkedIn", KDD 2014.
/// - Departures: steps are the ratio of target to expectation in place of 10 %, and change the share of the bid, not how
///   often the campaign takes part.
public struct BudgetPacer: Hashable, Sendable {
    /// The least share, so that a campaign that stood back can come again.
    public static let leastShare = 1e-4
    /// The greatest factor between the shares of one interval and the next.
    public static let greatestStep = 8.0

    /// The share of the bid to take part with until the next update, from ``leastShare`` to 1.
    public private(set) var share: Double

    private var budget: Double
    private var plan: SpendPlan
    private let gain: Double
    private let memory: Double
    private var time: Double
    private var spent: Double
    /// Faded sums of what was spent for each share, and of what was planned.
    private var (spentForShare, planned) = (0.0, 0.0)

    /// Creates a pacer at the start of a period.
    ///
    /// - Parameters:
    ///   - budget: what is to be spent; more than 0.
    ///   - plan: when.
    ///   - share: the share to begin with, above 0 and at most 1, such as that the last period ended with; nothing is
    ///     paced before the first update, so that a great one may spend much of a small budget by then.
    ///   - gain: the part of a deviation that one step corrects in the exponent, above 0 and at most 1; less where a
    ///     small change of the bid wins or loses many auctions.
    ///   - memory: over how much of the plan spending is averaged, above 0 and at most 1; more where charges are few.
    ///   - start: how much of the period is over, at least 0 and below 1, where a pacer begins within it; at another
    ///     time it begins with the period.
    ///   - before: what was spent by then.
    /// - Throws: `DecisionError` for a number out of its range.
    public init(
        budget: Money,
        plan: SpendPlan = .even,
        share: Double = 0.1,
        gain: Double = 0.5,
        memory: Double = 0.02,
        from start: Double = 0,
        spent before: Money = .zero
    ) throws(DecisionError) {
        guard budget > .zero else {
            throw DecisionError(
                .budget,
                "pacer: the budget is out of range; expected more than 0; received \(budget)."
            )
        }
        for (name, value) in [("share", share), ("gain", gain), ("memory", memory)]
        where !(value > 0 && value <= 1) {
            throw DecisionError(
                .budget,
                "pacer: '\(name)' is out of range; expected more than 0 and at most 1; received \(value)."
            )
        }
        self.budget = budget.units
        self.plan = plan
        self.gain = gain
        self.memory = memory
        self.share = max(share, Self.leastShare)
        time = 0..<1 ~= start ? start : 0
        spent = before.units
    }

    /// Changes what is to be spent and when; what was learnt of spending stays.
    ///
    /// - Parameters:
    ///   - budget: what is to be spent over the whole period, from its start; nothing stops spending.
    ///   - plan: when.
    public mutating func aim(at budget: Money, _ plan: SpendPlan) {
        self.budget = budget.units
        self.plan = plan
    }

    /// Ends an interval.
    ///
    /// - Parameters:
    ///   - total: what was spent since the period began.
    ///   - now: how much of the period is over, above 0 and below 1; later than at the last update, else nothing is
    ///     changed.
    ///   - next: how much of it will be over when the next interval ends.
    public mutating func update(spent total: Money, at now: Double, next: Double) {
        guard now > time, now < 1, next > now else { return }
        let part = plan.share(at: now) - plan.share(at: time)
        let fading = exp(-part / memory)
        spentForShare = spentForShare * fading + (total.units - spent) / share
        planned = planned * fading + part
        (time, spent) = (now, total.units)

        let coming = plan.share(at: next) - plan.share(at: now)
        let left = 1 - plan.share(at: now)
        // Where nothing is planned there is nothing to learn, and nothing to change.
        guard coming > 0, left > 0, planned > 0 else { return }
        let target = max(budget - spent, 0) * min(coming / left, 1)
        let expected = share * spentForShare / planned * coming
        let ratio = expected > 0 ? target / expected : Self.greatestStep
        let step = min(max(pow(ratio, gain), 1 / Self.greatestStep), Self.greatestStep)
        share = min(max(share * step, Self.leastShare), 1)
    }
}
