public import MotetMetrics

/// What was measured of a run at its end: the contents of `metrics.json`.
public struct RunMetrics: Codable, Hashable, Sendable {
    /// The number of trained parameters.
    public var parameters: Int
    /// The epoch whose parameters were kept, from 1.
    public var epoch: Int
    /// Seconds of training, validation left out; of the machine and the moment.
    public var trainingSeconds: Double
    /// The scenarios, in their order.
    public var scenarios: [String]
    /// Metrics on the validation rows.
    public var validation: MetricReport?
    /// Metrics on the test rows.
    public var test: MetricReport?

    private enum CodingKeys: String, CodingKey {
        case parameters, epoch, scenarios, validation, test
        case trainingSeconds = "training_seconds"
    }

    /// The report that tells most: that of the test rows, else that of the validation rows.
    public var best: (part: String, report: MetricReport)? {
        if let test { return ("test", test) }
        return validation.map { ("validation", $0) }
    }
}
