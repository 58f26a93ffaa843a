/// A task's observations, and the metrics to compute on them.
public struct TaskObservations: Sendable {
    /// The task's name.
    public let task: String
    /// The metrics, in the order of the report.
    public let metrics: [Metric]
    /// The rows of the task; their scenario column numbers the report's scenarios.
    public let observations: Observations

    /// Creates a task's part of an evaluation.
    public init(task: String, metrics: [Metric], observations: Observations) {
        self.task = task
        self.metrics = metrics
        self.observations = observations
    }
}

/// Metrics of every task, on all rows and in each scenario.
public struct MetricReport: Hashable, Sendable, Codable {
    /// One metric of one task on all rows or in one scenario.
    public struct Entry: Hashable, Sendable, Codable {
        /// The task's name.
        public let task: String
        /// The scenario's name, or nil for all rows.
        public let scenario: String?
        /// The metric's name.
        public let metric: String
        /// The value, or the reason why there is none, with its interval.
        public let estimate: Estimate

        /// Creates an entry.
        public init(task: String, scenario: String?, metric: String, estimate: Estimate) {
            self.task = task
            self.scenario = scenario
            self.metric = metric
            self.estimate = estimate
        }
    }

    /// The entries: task by task, all rows first and then each scenario, metric by metric.
    public let entries: [Entry]

    /// Creates a report from entries.
    public init(entries: [Entry]) { self.entries = entries }

    /// Evaluates tasks on all rows and in each scenario.
    ///
    /// - Parameters:
    ///   - tasks: the tasks with their metrics and rows.
    ///   - scenarios: the names of the scenarios `0 ..< scenarios.count`; empty if there are none.
    ///   - bootstrap: how to find confidence intervals; nil means none.
    public init(
        evaluating tasks: [TaskObservations],
        scenarios: [String] = [],
        bootstrap: Bootstrap? = nil
    ) {
        entries = tasks.flatMap { task in
            let slices = zip(scenarios, task.observations.split(scenarios: scenarios.count))
            let parts = [(nil, task.observations)] + slices.map { (Optional($0), $1) }
            return parts.flatMap { scenario, rows in
                Self.entries(task, scenario: scenario, rows: rows, bootstrap: bootstrap)
            }
        }
    }

    /// What was found for a metric of a task on all rows or in a scenario; nil if not evaluated.
    public func estimate(task: String, scenario: String? = nil, metric: Metric) -> Estimate? {
        entries.first {
            $0.task == task && $0.scenario == scenario && $0.metric == metric.name
        }?.estimate
    }

    private static func entries(
        _ task: TaskObservations,
        scenario: String?,
        rows: Observations,
        bootstrap: Bootstrap?
    ) -> [Entry] {
        // Keyed by scenario but not by task: tasks on the same rows are resampled together.
        let resampling = scenario.map { name in bootstrap?.split(name) } ?? bootstrap
        let estimates =
            resampling?.estimates(task.metrics, on: rows)
            ?? task.metrics.map { Estimate($0.evaluate(rows)) }
        return zip(task.metrics, estimates).map { metric, estimate in
            Entry(task: task.task, scenario: scenario, metric: metric.name, estimate: estimate)
        }
    }
}
