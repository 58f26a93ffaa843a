public import MotetMetrics

/// Whether a task's predictions come true, on all rows or in a scenario.
public struct CalibrationEntry: Codable, Hashable, Sendable {
    /// The task.
    public var task: String
    /// The scenario; nil for all rows.
    public var scenario: String?
    /// The sum of predictions over that of labels.
    public var ratio: Estimate
    /// The expected calibration error, of probabilities; nil for other predictions.
    public var error: Estimate?
    /// Ten bins by prediction; empty for scenarios and other predictions.
    public var bins: [ReliabilityCurve.Bin]

    /// Measures the tasks that predict one number a row.
    ///
    /// - Parameters:
    ///   - tasks: labels and predictions.
    ///   - probabilities: the tasks whose predictions are probabilities.
    ///   - scenarios: the names of the scenarios.
    ///   - bootstrap: how intervals are found; nil for none.
    /// - Returns: for each such task an entry on all rows, then one for each scenario.
    static func all(
        _ tasks: [TaskObservations],
        probabilities: Set<String>,
        scenarios: [String],
        bootstrap: Bootstrap?
    ) -> [CalibrationEntry] {
        tasks.filter { $0.observations.form == .numbers }.flatMap { task in
            let isProbability = probabilities.contains(task.task)
            let metrics: [Metric] =
                isProbability ? [.calibration, .calibrationError] : [.calibration]
            let parts =
                [(String?.none, task.observations)]
                + zip(scenarios, task.observations.split(scenarios: scenarios.count))
                .map { (Optional($0), $1) }
            return parts.map { scenario, rows in
                let resampling = scenario.map { name in bootstrap?.split(name) } ?? bootstrap
                let estimates =
                    resampling?.estimates(metrics, on: rows)
                    ?? metrics.map { Estimate($0.evaluate(rows)) }
                return CalibrationEntry(
                    task: task.task,
                    scenario: scenario,
                    ratio: estimates[0],
                    error: isProbability ? estimates[1] : nil,
                    bins: isProbability && scenario == nil
                        ? ReliabilityCurve(task: task.task, rows)?.bins ?? [] : []
                )
            }
        }
    }
}
