public import MotetMetrics

/// What one epoch was like.
public struct EpochRecord: Sendable, Codable, Hashable {
    /// The epoch, from 1.
    public let epoch: Int
    /// The phase of the schedule, from 1; nil when there is one only.
    public var phase: Int?
    /// Steps since the start of training.
    public let step: Int
    /// The learning rate of the last step.
    public let learningRate: Float
    /// Rows a second, validation left out; of the machine and the moment.
    public let rowsPerSecond: Double
    /// The weighted mean training loss of each task; nil where no row took part.
    public let losses: [TaskLoss]
    /// What was measured on the validation rows.
    public let validation: MetricReport?
    /// The watched number, nil when it is undefined or nothing is watched.
    public let watched: Double?
    /// Whether this is the best epoch so far, of the model or of some task.
    public let isBest: Bool
    /// The tasks whose best epoch so far this is; nil where one number stands for the whole model.
    public var bestTasks: [String]?
    /// How the gradients of tasks met; nil where they were only added up.
    public var gradients: TaskGradientRecord?
    /// How the gradients of tasks lay to each other in each shared block, in the steps that were looked at; nil where
    /// none was, or nothing is shared.
    public var sharedGradients: SharedGradientRecord?

    /// The loss of a task.
    public struct TaskLoss: Sendable, Codable, Hashable {
        /// The task.
        public let task: String
        /// The weighted mean over the epoch.
        public let value: Double?
        /// What became of its weight, where weights are learnt.
        public var weight: Float?
    }
}

/// The epochs of a fit.
public struct History: Sendable, Codable, Hashable {
    /// The epochs in order.
    public internal(set) var epochs: [EpochRecord] = []
    /// Whether the fit ended before its last epoch because it was asked to.
    public internal(set) var isInterrupted = false

    /// The best epoch by the watched number, or the last one when nothing is watched.
    public var best: EpochRecord? { epochs.last(where: \.isBest) ?? epochs.last }

    /// The best epoch of each task, where each keeps its own: its last one in `bestTasks`.
    public var bestOfTasks: [String: Int] {
        var best: [String: Int] = [:]
        for epoch in epochs { for task in epoch.bestTasks ?? [] { best[task] = epoch.epoch } }
        return best
    }

    /// One line an epoch: losses of training and metrics of validation.
    ///
    /// - Returns: text for a terminal.
    public func table() -> String {
        let tasks = epochs.first?.losses.map(\.task) ?? []
        let entries = epochs.first?.validation?.entries.filter { $0.scenario == nil } ?? []
        let hasWeights = epochs.first?.losses.contains { $0.weight != nil } ?? false
        let hasPhases = epochs.contains { $0.phase != nil }
        var table = TextTable(
            ["epoch"] + (hasPhases ? ["phase"] : []) + ["rows/s"] + tasks.map { "\($0) loss" }
                + (hasWeights ? tasks.map { "\($0) weight" } : [])
                + entries.map { "\($0.task) \($0.metric)" } + [""],
            alignments: [.right]
        )
        for epoch in epochs {
            var cells = ["\(epoch.epoch)"]
            if hasPhases { cells.append(epoch.phase.map { "\($0)" } ?? "-") }
            cells.append(NumberText.compact(epoch.rowsPerSecond))
            for loss in epoch.losses {
                if let value = loss.value {
                    cells.append(NumberText.loss(value))
                } else {
                    cells.append("-")
                }
            }
            if hasWeights {
                cells += epoch.losses.map { loss in
                    loss.weight.map { NumberText.fixed(Double($0), digits: 3) } ?? "-"
                }
            }
            for entry in entries { cells.append(epoch.text(of: entry)) }
            cells.append(epoch.bestText ?? "")
            table.addRow(cells)
        }
        return table.plain()
    }
}

extension EpochRecord {
    /// What the epoch is the best of so far, for a terminal; nil where it is not.
    public var bestText: String? {
        guard isBest else { return nil }
        return bestTasks.map { "best: " + $0.joined(separator: ", ") } ?? "best"
    }

    /// The validation metric of the same task as an entry's, over all rows.
    fileprivate func text(of wanted: MetricReport.Entry) -> String {
        guard let validation else { return "-" }
        for entry in validation.entries
        where entry.task == wanted.task && entry.metric == wanted.metric && entry.scenario == nil {
            guard let value = entry.estimate.value.value else { return "-" }
            return NumberText.fixed(value, digits: 4)
        }
        return "-"
    }
}
