public import MotetMetrics

/// What calibration did to the predictions of a task, on all rows or in a scenario.
public struct CalibrationEffect: Codable, Hashable, Sendable {
    /// The task.
    public var task: String
    /// The scenario; nil for all rows.
    public var scenario: String?
    /// The form of the calibrator.
    public var calibrator: Calibrator.Kind
    /// Whether the scenario has a calibrator of its own; nil for all rows.
    public var isOwn: Bool?
    /// The rows it is measured on.
    public var rows: Int
    /// As the model predicts.
    public var before: Figures
    /// As the run answers.
    public var after: Figures

    /// Whether predictions come true; nil where a figure has no value.
    public struct Figures: Codable, Hashable, Sendable {
        /// The sum of predictions over that of labels.
        public var ratio: Double?
        /// The expected calibration error.
        public var error: Double?
        /// The log loss.
        public var logLoss: Double?

        private enum CodingKeys: String, CodingKey {
            case ratio, error
            case logLoss = "log_loss"
        }

        init(_ rows: Observations) {
            ratio = Metric.calibration.evaluate(rows).value
            error = Metric.calibrationError.evaluate(rows).value
            logLoss = Metric.logLoss.evaluate(rows).value
        }
    }

    private enum CodingKeys: String, CodingKey {
        case task, scenario, calibrator, rows, before, after
        case isOwn = "own"
    }

    /// Measures every task that is calibrated, on all rows and in each scenario with rows.
    ///
    /// - Parameters:
    ///   - calibration: what was learnt.
    ///   - before: labels and predictions as the model gives them.
    ///   - after: the same rows, calibrated.
    ///   - scenarios: the names of the scenarios.
    /// - Returns: for each task its figures on all rows, then those of scenarios.
    static func all(
        _ calibration: RunCalibration,
        before: [TaskObservations],
        after: [TaskObservations],
        scenarios: [String]
    ) -> [CalibrationEffect] {
        calibration.tasks.flatMap { task -> [CalibrationEffect] in
            guard let place = before.firstIndex(where: { $0.task == task.task }) else { return [] }
            let own = Set(task.scenarios.map(\.scenario))
            func effect(_ name: String?, _ pair: (Observations, Observations)) -> Self {
                CalibrationEffect(
                    task: task.task,
                    scenario: name,
                    calibrator: task.all.calibrator.kind,
                    isOwn: name.map { own.contains($0) },
                    rows: pair.0.count,
                    before: Figures(pair.0),
                    after: Figures(pair.1)
                )
            }
            let (raw, made) = (before[place].observations, after[place].observations)
            let parts = zip(
                scenarios,
                zip(raw.split(scenarios: scenarios.count), made.split(scenarios: scenarios.count))
            )
            return [effect(nil, (raw, made))]
                + parts.filter { $1.0.count > 0 }.map { effect($0, $1) }
        }
    }
}
