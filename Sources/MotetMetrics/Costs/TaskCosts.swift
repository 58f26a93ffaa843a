/// What decisions by a probability cost: of letting a row through, looking at it, or refusing it.
public struct TaskCosts: Codable, Hashable, Sendable {
    /// Of a positive row that is let through, such as a fraud.
    public var missed: Double
    /// Of a negative row that is refused.
    public var refused: Double
    /// Of a row that is looked at; nil where none is.
    public var review: Double?
    /// The share of positive rows that those who look find.
    public var reviewCatches: Double
    /// The share of negative rows that they refuse.
    public var reviewRefuses: Double

    /// Names costs: 0 or more, shares from 0 to 1.
    public init(
        missed: Double,
        refused: Double,
        review: Double? = nil,
        reviewCatches: Double = 1,
        reviewRefuses: Double = 0
    ) {
        self.missed = missed
        self.refused = refused
        self.review = review
        self.reviewCatches = reviewCatches
        self.reviewRefuses = reviewRefuses
    }

    private enum CodingKeys: String, CodingKey {
        case missed, refused, review
        case reviewCatches = "review_catches"
        case reviewRefuses = "review_refuses"
    }

    /// What a row costs that is let through.
    func ofPassing(_ isPositive: Bool) -> Double { isPositive ? missed : 0 }

    /// What a row costs that is refused.
    func ofRefusing(_ isPositive: Bool) -> Double { isPositive ? 0 : refused }

    /// What a row costs that is looked at; without reviews none is.
    func ofReviewing(_ isPositive: Bool) -> Double {
        guard let review else { return .infinity }
        return review
            + (isPositive ? (1 - reviewCatches) * missed : reviewRefuses * refused)
    }

    /// The probabilities from which on a row should be looked at and refused, were the probabilities right.
    ///
    /// - Formula: with `M`, `G` the costs of a missed positive and a refused negative row, `R` that of a review, `c` and `r` its shares,
    ///   `(R + r G) / (c M + r G)` and `((1 - r) G - R) / ((1 - r) G + (1 - c) M)`; where the first is not below the second, or
    ///   without reviews, both are `G / (M + G)`.
    /// - Source: Elkan, "The Foundations of Cost-Sensitive Learning", IJCAI 2001, §2.
    public var thresholds: (review: Double, refuse: Double) {
        let single = missed + refused > 0 ? refused / (missed + refused) : 1
        guard let review else { return (single, single) }
        let kept = (1 - reviewRefuses) * refused
        // Where the probability makes no difference, the stricter decision is cheaper for none or for all.
        func share(_ part: Double, _ whole: Double) -> Double {
            whole > 0 ? part / whole : part > 0 ? .infinity : 0
        }
        let first = share(
            review + reviewRefuses * refused,
            reviewCatches * missed + reviewRefuses * refused
        )
        let second = share(kept - review, kept + (1 - reviewCatches) * missed)
        return first < second ? (first, second) : (single, single)
    }
}
