/// One step done to a number; statistics come from the training rows, after the steps before it.
public enum FeatureTransform: Codable, Hashable, Sendable {
    /// Subtract the mean, divide by the (population) standard deviation; a constant becomes 0.
    case standardise
    /// Map the range to `[0, 1]`; a constant becomes 0. Later values may fall outside.
    case minMax
    /// The natural logarithm of `1 + x`, for `x > -1`.
    case log1p
    /// The natural logarithm of `x / reference`, for `x > 0`; nil stands for the geometric mean.
    case logRatio(reference: Double?)
    /// The number of the bin, from 1, between equally spaced quantiles: an id, so the last step.
    ///
    /// A value equal to an edge belongs to the bin above it. Equal quantiles make one edge, so
    /// there may be fewer bins.
    case quantileBins(Int)
    /// Raise to the lower and reduce to the upper quantile.
    case clip(lower: Double, upper: Double)
}
