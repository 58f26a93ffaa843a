/// The range that holds a share of the resampled values of a metric.
public struct ConfidenceInterval: Hashable, Sendable, Codable {
    /// The lower end.
    public let lower: Double
    /// The upper end.
    public let upper: Double
    /// The share of resampled values between the ends, such as 0.95.
    public let level: Double
    /// The resamples the ends come from.
    public let resamples: Int
    /// The resamples in which the metric was undefined; they are not among `resamples`.
    public let undefinedResamples: Int

    private enum CodingKeys: String, CodingKey {
        case lower, upper, level, resamples
        case undefinedResamples = "undefined_resamples"
    }

    /// Takes percentiles of resampled values, of which there must be one at least.
    init(values: [Double], undefined: Int, level: Double) {
        let sorted = values.sorted()
        lower = Self.quantile((1 - level) / 2, of: sorted)
        upper = Self.quantile((1 + level) / 2, of: sorted)
        self.level = level
        resamples = values.count
        undefinedResamples = undefined
    }

    /// Whether a value lies between the ends, ends included.
    public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }

    /// A quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan).
    static func quantile(_ share: Double, of sorted: [Double]) -> Double {
        let position = share * Double(sorted.count - 1)
        let below = Int(position)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
    }
}
