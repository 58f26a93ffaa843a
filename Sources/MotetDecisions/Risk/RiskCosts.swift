import MotetCore

/// What the decisions about an order or a review cost.
///
/// With the probability of fraud `p` and the amount `a`,
///
///     L = fraud_fixed + fraud_share a          is lost where a fraud goes through
///     G = good_fixed + good_share a            is lost where a good one is refused
///     allow    p L
///     block    (1 - p) G
///     review   R + p (1 - c) L + (1 - p) r G   reviewers find the share c of frauds, and refuse the share r of good ones
///
/// - Source: Elkan, "The Foundations of Cost-Sensitive Learning", IJCAI 2001, §1-2: the decision of least expected cost; with an
///   amount for each example as in Bahnsen et al., "Example-Dependent Cost-Sensitive Decision Trees", Expert Systems with
///   Applications 42(19), 2015. <https://doi.org/10.1016/j.eswa.2015.04.042>
public struct RiskCosts: Hashable, Sendable {
    /// What a fraud that goes through costs, as a share of the amount.
    public var fraudShare: Double
    /// What it costs beside that.
    public var fraudFixed: Double
    /// What a good order that is refused costs, as a share of the amount: the margin.
    public var goodShare: Double
    /// What it costs beside that.
    public var goodFixed: Double
    /// What it costs to look at one.
    public var review: Double
    /// The share of frauds that reviewers find.
    public var reviewCatches: Double
    /// The share of good ones that reviewers refuse.
    public var reviewRefuses: Double

    /// Creates costs.
    ///
    /// - Throws: `DecisionError` for costs below 0, shares outside 0 to 1, or where neither a fraud nor a refused order costs
    ///   anything.
    public init(
        fraudShare: Double = 1,
        fraudFixed: Double = 0,
        goodShare: Double,
        goodFixed: Double = 0,
        review: Double,
        reviewCatches: Double = 1,
        reviewRefuses: Double = 0
    ) throws(DecisionError) {
        self.fraudShare = fraudShare
        self.fraudFixed = fraudFixed
        self.goodShare = goodShare
        self.goodFixed = goodFixed
        self.review = review
        self.reviewCatches = reviewCatches
        self.reviewRefuses = reviewRefuses
        let costs = [
            ("fraud_share", fraudShare), ("fraud_fixed", fraudFixed), ("good_share", goodShare),
            ("good_fixed", goodFixed), ("review", review),
        ]
        for (name, value) in costs where !(0...1e9).contains(value) {
            throw Self.problem(name, "0 to 10^9", value)
        }
        for (name, value) in [
            ("review_catches", reviewCatches), ("review_refuses", reviewRefuses),
        ] where !(0...1).contains(value) {
            throw Self.problem(name, "0 to 1", value)
        }
        guard fraudShare + fraudFixed > 0, goodShare + goodFixed > 0 else {
            throw DecisionError(
                .risk,
                "costs: one kind of mistake costs nothing, and would always be made; expected a cost of frauds that "
                    + "go through and one of good orders that are refused; received none for "
                    + (fraudShare + fraudFixed > 0 ? "good orders." : "frauds.")
            )
        }
    }

    private static func problem(
        _ name: String,
        _ expected: String,
        _ value: Double
    ) -> DecisionError {
        DecisionError(
            .risk,
            "costs: `\(name)` is out of range; expected \(expected); received \(value)."
        )
    }

    /// What is lost where a fraud of an amount goes through.
    public func ofFraud(_ amount: Double) -> Double { fraudFixed + fraudShare * amount }

    /// What is lost where a good order of an amount is refused.
    public func ofRefusal(_ amount: Double) -> Double { goodFixed + goodShare * amount }

    /// What each decision is expected to cost.
    ///
    /// - Parameters:
    ///   - probability: of fraud.
    ///   - amount: the amount; 0 for a review.
    /// - Returns: the cost of each decision.
    public func expected(_ probability: Double, amount: Double) -> RiskCostTable {
        let (fraud, good) = (ofFraud(amount), ofRefusal(amount))
        let (bad, well) = (probability, 1 - probability)
        return RiskCostTable(
            allow: bad * fraud,
            review: review + bad * (1 - reviewCatches) * fraud + well * reviewRefuses * good,
            block: well * good
        )
    }

    /// The probabilities from which on an amount is looked at and is refused.
    ///
    /// - Parameter amount: the amount.
    /// - Returns: both; where looking at one never pays, they are the same: one of refusals. Above 1 for never.
    public func thresholds(amount: Double) -> (review: Double, block: Double) {
        let (fraud, good) = (ofFraud(amount), ofRefusal(amount))
        let kept = (1 - reviewRefuses) * good
        // Where the probability makes no difference, the stricter decision is cheaper for all or for none.
        func share(_ part: Double, of whole: Double) -> Double {
            whole > 0 ? part / whole : part < 0 ? 0 : .infinity
        }
        let reviewed = share(
            review + reviewRefuses * good,
            of: reviewCatches * fraud + reviewRefuses * good
        )
        let blocked = share(kept - review, of: kept + (1 - reviewCatches) * fraud)
        guard reviewed < blocked else {
            let block = fraud + good > 0 ? good / (fraud + good) : .infinity
            return (block, block)
        }
        return (reviewed, blocked)
    }
}

/// What each decision costs.
public struct RiskCostTable: Hashable, Sendable {
    /// Of letting it go through.
    public let allow: Double
    /// Of looking at it.
    public let review: Double
    /// Of refusing it.
    public let block: Double

    /// Names the costs.
    public init(allow: Double, review: Double, block: Double) {
        self.allow = allow
        self.review = review
        self.block = block
    }

    /// The cost of a decision.
    public subscript(_ decision: RiskDecision) -> Double {
        switch decision {
        case .allow: allow
        case .review: review
        case .block: block
        }
    }

    /// The decision that costs least; of equal ones the mildest.
    public var cheapest: RiskDecision {
        RiskDecision.allCases.reduce(.allow) { self[$1] < self[$0] ? $1 : $0 }
    }
}
