/// Decides whether a candidate model takes the place of the live one, by what both say of the same recent rows.
///
/// The candidate must not be worse by more than a bound in any task and scenario than the live model, nor than the one
/// that learning began from, so that small losses do not add up; not badly calibrated where the live one is not; and better
/// than it over all tasks.
public struct LearningGate: Hashable, Sendable {
    /// The greatest log loss the candidate may have above the live model's, in any task and scenario.
    public var worse = 0.002
    /// How far from 1 the ratio of mean prediction to rate may be where the live model's is not as far.
    public var calibration = 0.2
    /// The rows of a task and scenario, and the positives among them, that say something; fewer are not looked at.
    public var leastRows = 500
    /// The positives among them.
    public var leastPositives = 20

    /// The defaults.
    public init() {}

    /// What a model says of rows of a task, in all scenarios or one.
    public struct Measure: Hashable, Sendable, Codable {
        /// The mean log loss.
        public var logLoss: Double
        /// The sum of predictions by the number of positives; nil without positives.
        public var calibration: Double?

        /// Measures predictions.
        ///
        /// - Parameters:
        ///   - predictions: probabilities.
        ///   - labels: 0 or 1, as many.
        public init(predictions: [Float], labels: [Float]) {
            var (loss, sum, positives) = (0.0, 0.0, 0.0)
            for (prediction, label) in zip(predictions, labels) {
                // As the metric `log_loss`: probabilities of 0 and 1 are taken for the nearest that are not.
                let p = min(max(Double(prediction), 1e-7), 1 - 1e-7)
                loss -= label > 0.5 ? Self.logarithm(p) : Self.logarithm(1 - p)
                sum += Double(prediction)
                positives += label > 0.5 ? 1 : 0
            }
            logLoss = loss / Double(max(labels.count, 1))
            calibration = positives > 0 ? sum / positives : nil
        }
    }

    /// Both models on the rows of a task, in all scenarios or one.
    public struct Cell: Hashable, Sendable, Codable {
        /// The task.
        public var task: String
        /// The scenario; nil for all rows.
        public var scenario: String?
        /// The number of rows.
        public var rows: Int
        /// The positives among them.
        public var positives: Int
        /// The live model.
        public var live: Measure
        /// The candidate.
        public var candidate: Measure
        /// The run that learning began from; nil where it is the live one.
        public var origin: Measure?
        /// What speaks against the candidate; nil where nothing does.
        public var objection: String?
    }

    /// What was decided.
    public enum Decision: Hashable, Sendable {
        /// The candidate takes the live model's place.
        case promote
        /// It does not, for this reason.
        case discard(String)
    }

    /// Decides.
    ///
    /// - Parameter cells: both models by task, over all rows and in each scenario; objections are filled in.
    /// - Returns: the decision.
    public func decide(_ cells: inout [Cell]) -> Decision {
        for index in cells.indices { cells[index].objection = objection(cells[index]) }
        let heard = cells.filter(says)
        guard heard.contains(where: { $0.scenario == nil }) else {
            return .discard(
                "no task has \(leastRows) rows with \(leastPositives) positives to measure on"
            )
        }
        if let cell = heard.first(where: { $0.objection != nil }), let objection = cell.objection {
            return .discard("\(cell.task)\(cell.scenario.map { ", \($0)" } ?? ""): \(objection)")
        }
        let whole = heard.filter { $0.scenario == nil }
        // Of losses of rates far apart the ratios can be added up.
        let change = whole.reduce(0) { $0 + $1.candidate.logLoss / $1.live.logLoss - 1 }
        guard change < 0 else { return .discard("over all tasks the log loss is not lower") }
        return .promote
    }

    /// Whether there is enough to say something of a cell.
    private func says(_ cell: Cell) -> Bool {
        cell.rows >= leastRows && cell.positives >= leastPositives
    }

    private func objection(_ cell: Cell) -> String? {
        guard says(cell) else { return nil }
        let difference = cell.candidate.logLoss - cell.live.logLoss
        guard difference.isFinite, difference <= worse else {
            return "the log loss is higher by \(Self.rounded(difference)), more than \(worse)"
        }
        if let origin = cell.origin {
            let distance = cell.candidate.logLoss - origin.logLoss
            guard distance <= worse else {
                return "the log loss is higher than that of the run learning began from by "
                    + "\(Self.rounded(distance)), more than \(worse)"
            }
        }
        guard let own = cell.candidate.calibration, let live = cell.live.calibration else {
            return nil
        }
        let (far, liveFar) = (abs(own - 1), abs(live - 1))
        guard far <= calibration || far <= liveFar else {
            return "predictions are \(Self.rounded(own)) times the rate, the live model's "
                + "\(Self.rounded(live)) times"
        }
        return nil
    }
}
