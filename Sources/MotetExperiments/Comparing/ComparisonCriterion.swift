import MotetCore
public import MotetMetrics

/// The number by which runs of a comparison are told from each other, on validation rows.
public enum ComparisonCriterion: Hashable, Sendable {
    /// The mean relative gain over the single-task baseline.
    case relativeGain
    /// A metric of a task, or its mean over the tasks that have it.
    case metric(Metric, task: String?)

    /// The name of the mean relative gain.
    static let relativeGainName = "delta_m"

    /// Reads `delta_m`, a metric such as `auc`, or a task's metric such as `click/auc`.
    ///
    /// - Parameter text: the name.
    /// - Throws: `MetricError` when no metric has the name.
    public init(parsing text: String) throws {
        guard text != Self.relativeGainName else {
            self = .relativeGain
            return
        }
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        self = .metric(
            try Metric.named(parts.last ?? ""),
            task: parts.count == 2 ? parts[0] : nil
        )
    }

    /// The name it is read from.
    public var name: String {
        switch self {
        case .relativeGain: Self.relativeGainName
        case .metric(let metric, let task): (task.map { "\($0)/" } ?? "") + metric.name
        }
    }

    /// Which values are good ones.
    var goal: MetricGoal {
        switch self {
        case .relativeGain: .higher
        case .metric(let metric, _): metric.goal
        }
    }

    /// What is wrong with it for some tasks; nil if nothing is.
    func problem(_ tasks: [TaskSettings]) -> String? {
        guard case .metric(let metric, let name) = self else { return nil }
        let names = tasks.map(\.name)
        if let name, !names.contains(name) {
            return "`\(self.name)` names a task there is not; expected one of \(names); received "
                + "`\(name)`." + Suggestion.sentence(for: name, in: names)
        }
        let measured = tasks.contains { task in
            (name == nil || name == task.name) && task.metrics.contains(metric)
        }
        return measured
            ? nil
            : "`\(metric.name)` is not measured; expected `\(Self.relativeGainName)`, a metric among a "
                + "task's `metrics`, or `task/metric`; received `\(self.name)`."
    }

    /// The criterion on a report of validation rows.
    ///
    /// - Parameters:
    ///   - report: what was measured.
    ///   - baseline: the single-task baseline's report, for the relative gain.
    ///   - tasks: the tasks with their metrics.
    /// - Returns: the number; nil where it is undefined.
    func value(
        _ report: MetricReport,
        baseline: MetricReport?,
        tasks: [TaskSettings]
    ) -> Double? {
        switch self {
        case .metric(let metric, let task):
            return report.value(MetricSelector(metric, task: task)).value
        case .relativeGain:
            guard let baseline else { return nil }
            var pairs: [[RelativeGain.Pair]] = []
            for task in tasks {
                var own: [RelativeGain.Pair] = []
                for metric in task.metrics where RelativeGain.counts(metric.goal) {
                    guard
                        let value = report.estimate(task: task.name, metric: metric)?.value.value,
                        let base = baseline.estimate(task: task.name, metric: metric)?.value.value
                    else { return nil }
                    own.append(RelativeGain.Pair(value: value, baseline: base, goal: metric.goal))
                }
                pairs.append(own)
            }
            return RelativeGain.mean(pairs)
        }
    }
}
