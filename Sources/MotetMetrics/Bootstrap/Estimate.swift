/// A metric's value with its confidence interval.
public struct Estimate: Hashable, Sendable, Codable {
    /// The value on the rows as they are.
    public let value: MetricValue
    /// The interval; nil if none was asked for, or if it is undefined.
    public let interval: ConfidenceInterval?
    /// Why an interval that was asked for is missing.
    public let intervalReason: String?

    private enum CodingKeys: String, CodingKey {
        case value, interval
        case intervalReason = "interval_reason"
    }

    /// Creates an estimate.
    public init(
        _ value: MetricValue,
        interval: ConfidenceInterval? = nil,
        intervalReason: String? = nil
    ) {
        self.value = value
        self.interval = interval
        self.intervalReason = intervalReason
    }
}

/// The difference of a metric between two models on the same rows.
public struct PairedDifference: Hashable, Sendable, Codable {
    /// The first model's value less the second's, with the interval of that difference.
    public let difference: Estimate
    /// The share of resamples in which the first model's value is the larger, ties by half; nil if
    /// there is no interval.
    public let shareAbove: Double?

    private enum CodingKeys: String, CodingKey {
        case difference
        case shareAbove = "share_above"
    }
}
