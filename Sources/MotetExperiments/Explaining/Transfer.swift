public import MotetMetrics

/// What training tasks together cost or gained: a run against another on the same rows.
public struct Transfer: Codable, Hashable, Sendable {
    /// What the interval of a difference says.
    public enum Verdict: String, Codable, Hashable, Sendable {
        /// The run explained is clearly better.
        case better
        /// The run explained is clearly worse: negative transfer.
        case worse
        /// The interval holds 0.
        case unclear
        /// The metric has no value on the rows, or the difference no interval.
        case undefined
    }

    /// A metric of a task on all rows or in a scenario.
    public struct Entry: Codable, Hashable, Sendable {
        /// The task.
        public var task: String
        /// The scenario; nil for all rows.
        public var scenario: String?
        /// The metric.
        public var metric: String
        /// The value of the run explained.
        public var value: MetricValue
        /// The value of the other run.
        public var other: MetricValue
        /// The first less the second, with its interval.
        public var difference: Estimate
        /// What that says.
        public var verdict: Verdict
    }

    /// The other run.
    public var run: String
    /// Its architecture.
    public var architecture: String
    /// What was compared.
    public var entries: [Entry]

    /// Judges a comparison.
    init(run: String, architecture: String, _ comparison: MetricComparison) {
        self.run = run
        self.architecture = architecture
        entries = comparison.entries.map { entry in
            Entry(
                task: entry.task,
                scenario: entry.scenario,
                metric: entry.metric,
                value: entry.first,
                other: entry.second,
                difference: entry.paired.difference,
                verdict: Self.verdict(entry)
            )
        }
    }

    private static func verdict(_ entry: MetricComparison.Entry) -> Verdict {
        guard let first = entry.first.value, let second = entry.second.value,
            let isClear = entry.isClear, let goal = Metric(name: entry.metric)?.goal
        else { return .undefined }
        guard isClear else { return .unclear }
        return goal.isBetter(first, than: second) ? .better : .worse
    }
}
