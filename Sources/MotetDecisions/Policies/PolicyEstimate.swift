/// What a policy would have brought, and how sure that is.
public struct PolicyEstimate: Hashable, Sendable {
    /// The mean reward of a decision.
    public let value: Double
    /// The standard deviation of the value, from the sample; 0 with one decision.
    public let standardError: Double

    /// The interval that holds the truth for 95 of 100 samples, if they are large and none of few great weights.
    public var interval: ClosedRange<Double> {
        let half = 1.959964 * standardError
        // Of sums that no number holds nothing is known.
        guard value.isFinite, half.isFinite else { return -.infinity ... .infinity }
        return value - half...value + half
    }
}

/// How far the weights of an evaluation let it be trusted.
public struct WeightSummary: Hashable, Sendable {
    /// The number of decisions with equal weights that would say as much: `sum(w)^2 / sum(w^2)`.
    public let effectiveCount: Double
    /// The greatest weight.
    public let greatest: Double
    /// The mean weight: near 1 where propensities are right and the log has all the policy would do.
    public let mean: Double
    /// How many weights were limited.
    public let limited: Int
}
