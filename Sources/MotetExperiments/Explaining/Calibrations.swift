public import MotetMetrics

/// Whether a task's predictions come true, on all rows or in a scenario.
public struct CalibrationEntry: Codable, Hashable, Sendable {
    /// Rows of about equal predictions.
    public struct Bin: Codable, Hashable, Sendable {
        /// The mean prediction.
        public var predicted: Double
        /// The mean label.
        public var observed: Double
        /// The rows.
        public var rows: Int
    }

    /// The task.
    public var task: String
    /// The scenario; nil for all rows.
    public var scenario: String?
    /// The sum of predictions over that of labels.
    public var ratio: Estimate
    /// The expected calibration error, of probabilities; nil for other predictions.
    public var error: Estimate?
    /// Ten bins of equal numbers of rows by prediction; empty for scenarios and other predictions.
    public var bins: [Bin]

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
                    bins: isProbability && scenario == nil ? bins(rows) : []
                )
            }
        }
    }

    /// Ten bins of equal numbers of rows, in the order of predictions; fewer where there are fewer rows.
    static func bins(_ observations: Observations, count: Int = 10) -> [Bin] {
        let rows = observations.count
        let order = (0..<rows).sorted {
            (observations.predictions[$0], $0) < (observations.predictions[$1], $1)
        }
        return (0..<count).compactMap { bin in
            let range = bin * rows / count..<(bin + 1) * rows / count
            guard !range.isEmpty else { return nil }
            var (weights, predicted, observed) = (0.0, 0.0, 0.0)
            for row in order[range] {
                let weight = Double(observations.weights?[row] ?? 1)
                weights += weight
                predicted += weight * Double(observations.predictions[row])
                observed += weight * Double(observations.labels[row])
            }
            return Bin(
                predicted: predicted / weights,
                observed: observed / weights,
                rows: range.count
            )
        }
    }
}
