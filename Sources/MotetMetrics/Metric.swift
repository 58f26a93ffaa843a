/// A measure of how well predictions fit labels, used as `.auc` in code and `auc` in YAML.
public struct Metric: Sendable {
    /// The name in YAML and JSON, snake case.
    public let name: String
    /// The name in tables and sentences.
    public let title: String
    /// Which values are good ones.
    public let goal: MetricGoal
    /// Whether the metric needs the group of each row.
    public let needsGroups: Bool
    /// What rows may hold for the metric to have a value.
    public let rows: Set<RowForm.Kind>

    let prepare: @Sendable (Observations) throws(MetricError) -> any PreparedMetric

    init(
        _ name: String,
        title: String,
        goal: MetricGoal,
        needsGroups: Bool = false,
        rows: Set<RowForm.Kind> = [.numbers],
        prepare: @escaping @Sendable (Observations) throws(MetricError) -> any PreparedMetric
    ) {
        self.name = name
        self.title = title
        self.goal = goal
        self.needsGroups = needsGroups
        self.rows = rows
        self.prepare = prepare
    }

    /// The metric with a name, or nil if there is none.
    public init?(name: String) {
        if let metric = Metric.all.first(where: { $0.name == name }) {
            self = metric
        } else if let count = TopKAccuracy.count(inName: name) {
            self = .topK(count)
        } else {
            return nil
        }
    }

    /// The metric with a name.
    ///
    /// - Parameter name: a name such as `pr_auc`.
    /// - Returns: the metric.
    /// - Throws: `unknown_metric`, with the names there are and the one probably meant.
    public static func named(_ name: String) throws(MetricError) -> Metric {
        guard let metric = Metric(name: name) else { throw .unknown(name) }
        return metric
    }

    /// The metric on all rows of the observations, or the reason why it has no value on them.
    public func evaluate(_ observations: Observations) -> MetricValue {
        do throws(MetricError) {
            let prepared = try prepare(observations)
            return observations.value(of: try prepared.measureOnce(observations))
        } catch {
            return observations.undefined(error.message)
        }
    }

    /// The metric on all rows of the observations, for callers that want a number or an error.
    func value(_ observations: Observations) throws(MetricError) -> Double {
        try prepare(observations).measureOnce(observations).value
    }
}

extension Metric: Hashable, CustomStringConvertible {
    /// Whether two metrics have the same name, and so the same definition.
    public static func == (left: Metric, right: Metric) -> Bool { left.name == right.name }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// The name.
    public var description: String { name }
}

extension PreparedMetric {
    /// The metric when every row occurs once.
    func measureOnce(_ observations: Observations) throws(MetricError) -> Measurement {
        try measure([UInt8](repeating: 1, count: observations.count))
    }
}

extension Observations {
    func value(of measurement: Measurement) -> MetricValue {
        MetricValue(
            .value(measurement.value),
            rows: count,
            rowsLeftOut: rowsLeftOut,
            groups: measurement.groups
        )
    }

    func undefined(_ reason: String) -> MetricValue {
        MetricValue(.undefined(reason), rows: count, rowsLeftOut: rowsLeftOut)
    }
}
