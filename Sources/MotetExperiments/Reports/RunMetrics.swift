public import MotetMetrics

/// What was measured of a run at its end: the contents of `metrics.json`.
public struct RunMetrics: Codable, Hashable, Sendable {
    /// The number of trained parameters.
    public var parameters: Int
    /// The epoch whose parameters were kept, from 1; the last of them where each task keeps its own.
    public var epoch: Int
    /// The epoch of each task, where each keeps its own.
    public var epochsOfTasks: [TaskEpoch]?
    /// Seconds of training, validation left out; of the machine and the moment.
    public var trainingSeconds: Double
    /// The scenarios, in their order.
    public var scenarios: [String]
    /// Metrics on the validation rows.
    public var validation: MetricReport?
    /// Metrics on the test rows.
    public var test: MetricReport?
    /// What was predicted beside what happened on the test rows, or else on the validation rows, for each task that
    /// predicts probabilities.
    public var reliability: [ReliabilityCurve]?
    /// What calibration did on the same rows; nil where no task is calibrated.
    public var calibration: [CalibrationEffect]?

    /// What decisions would have cost on the same rows, for each task that names costs; nil without.
    public var costs: [CostCurve]?

    /// A task and the epoch whose parameters it kept.
    public struct TaskEpoch: Codable, Hashable, Sendable {
        /// The task.
        public var task: String
        /// The epoch, from 1.
        public var epoch: Int
    }

    /// The kept epoch, or those of the tasks, for a terminal.
    public var epochText: String {
        guard let epochsOfTasks else { return "\(epoch)" }
        return epochsOfTasks.map { "\($0.task) \($0.epoch)" }.joined(separator: ", ")
    }

    private enum CodingKeys: String, CodingKey {
        case parameters, epoch, scenarios, validation, test, reliability, calibration, costs
        case epochsOfTasks = "epochs_of_tasks"
        case trainingSeconds = "training_seconds"
    }

    /// The report that tells most: that of the test rows, else that of the validation rows.
    public var best: (part: String, report: MetricReport)? {
        if let test { return ("test", test) }
        return validation.map { ("validation", $0) }
    }
}
