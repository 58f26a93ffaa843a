/// Two models side by side: every metric of every task, on all rows and in each scenario, with the
/// interval of the difference on the rows they share.
public struct MetricComparison: Hashable, Sendable, Codable {
    /// One metric of one task on all rows or in one scenario.
    public struct Entry: Hashable, Sendable, Codable {
        /// The task's name.
        public let task: String
        /// The scenario's name, or nil for all rows.
        public let scenario: String?
        /// The metric's name.
        public let metric: String
        /// The first model's value.
        public let first: MetricValue
        /// The second model's value.
        public let second: MetricValue
        /// The first less the second.
        public let paired: PairedDifference

        /// Whether the interval of the difference leaves out 0; nil without an interval.
        public var isClear: Bool? { paired.difference.interval.map { !$0.contains(0) } }
    }

    /// The entries: task by task, all rows first and then each scenario, metric by metric.
    public let entries: [Entry]

    private init(entries: [Entry]) { self.entries = entries }

    /// The entries without those of scenarios.
    public var onAllRows: MetricComparison {
        MetricComparison(entries: entries.filter { $0.scenario == nil })
    }

    /// Compares two models.
    ///
    /// - Parameters:
    ///   - first: the first model's tasks; their metrics are compared.
    ///   - second: the second model's tasks, with the same names on the same rows in the same order.
    ///   - scenarios: the names of the scenarios `0 ..< scenarios.count`; empty if there are none.
    ///   - bootstrap: how to find the intervals.
    /// - Throws: `metric_columns` if the second model lacks a task, or the rows differ.
    public init(
        of first: [TaskObservations],
        with second: [TaskObservations],
        scenarios: [String] = [],
        bootstrap: Bootstrap
    ) throws(MetricError) {
        var entries: [Entry] = []
        for task in first {
            guard let other = second.first(where: { $0.task == task.task }) else {
                let names = second.map { "\"\($0.task)\"" }.joined(separator: ", ")
                throw .columns(
                    "comparison: task \"\(task.task)\" is missing in the second model; expected "
                        + "the same tasks in both; received \(names)."
                )
            }
            let names = [nil] + scenarios.map(Optional.some)
            let left = [task.observations] + task.observations.split(scenarios: scenarios.count)
            let right = [other.observations] + other.observations.split(scenarios: scenarios.count)
            for (index, scenario) in names.enumerated() {
                let resampling = scenario.map(bootstrap.split) ?? bootstrap
                for metric in task.metrics {
                    entries.append(
                        Entry(
                            task: task.task,
                            scenario: scenario,
                            metric: metric.name,
                            first: metric.evaluate(left[index]),
                            second: metric.evaluate(right[index]),
                            paired: try resampling.difference(
                                metric,
                                left[index],
                                minus: right[index]
                            )
                        )
                    )
                }
            }
        }
        self.entries = entries
    }
}
