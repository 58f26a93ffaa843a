import MotetCore
import MotetData
import MotetMetrics
import MotetTraining

extension ExperimentRunner {
    /// Scores the test rows, or else the validation rows, and tells how the scores are spread.
    ///
    /// All rows are scored by every task, as live traffic is: also those a task `within` another is not
    /// measured on.
    ///
    /// - Parameters:
    ///   - trainer: the trained model.
    ///   - experiment: the experiment.
    ///   - data: its rows.
    ///   - calibration: how probabilities are brought to where they come true.
    /// - Returns: the spread; nil where there are no such rows.
    /// - Throws: `TrainingError` where the rows do not fit the model.
    func scoreReference(
        _ trainer: Trainer,
        _ experiment: Experiment,
        _ data: ExperimentData,
        _ calibration: FittedCalibration
    ) throws -> ScoreReference? {
        for part in [DataPart.test, .validation] {
            guard let rows = data.main[part], rows.rowCount > 0 else { continue }
            // As many rows at a time as are measured: the program is there.
            let outputs = try trainer.predict(rows, batchSize: 4096)
            let columns = Set(rows.columns.map(\.name))
            func floats(_ name: String) throws -> [Float]? {
                guard columns.contains(name) else { return nil }
                return try rows.withFloats(name) { Array($0) }
            }
            let weights = try floats(Trainer.sampleWeightColumn)
            let scenarios =
                columns.contains("scenario")
                ? try rows.withIntegers("scenario") { Array($0) } : nil
            var tasks: [ScoreReference.Task] = []
            for task in experiment.tasks {
                let classes = experiment.classes(of: task, data.fitted)
                guard
                    var scores = outputs[task.name].flatMap({
                        Self.scores($0.floats, rows: rows.rowCount, classes: classes?.count)
                    })
                else { continue }
                calibration.apply(to: &scores, task.name, scenarios)
                let hasLabels = classes == nil && task.within == nil
                let labels = hasLabels ? try floats("label/\(task.name)") : nil
                let table = ScoredRows(
                    scores: scores,
                    labels: labels?.count == scores.count ? labels : nil,
                    weights: weights,
                    scenarios: scenarios
                )
                tasks.append(table.reference(task.name, data.fitted.scenarios))
            }
            return ScoreReference(
                format: ScoreReference.formatVersion,
                part: part.rawValue,
                rows: rows.rowCount,
                tasks: tasks
            )
        }
        return nil
    }

    /// One finite number a row; nil for outputs that are something else.
    private static func scores(_ outputs: [Float], rows: Int, classes: Int?) -> [Float]? {
        let width = classes ?? 1
        guard outputs.count == rows * width, outputs.allSatisfy(\.isFinite) else { return nil }
        guard classes != nil else { return outputs }
        return RunPredictor.mostLikely(outputs, classes: width).map(\.probability)
    }
}

/// The scores of a task on some rows, and what stands beside them.
struct ScoredRows {
    var scores: [Float]
    /// The labels; NaN where a row has none.
    var labels: [Float]?
    var weights: [Float]?
    /// The numbers of the scenarios.
    var scenarios: [Int32]?

    func reference(_ task: String, _ names: [String]) -> ScoreReference.Task {
        let bins = ScoreBins(fitting: scores)
        let lookup = bins.lookup
        var all = SpreadSums()
        var parts = names.map { _ in SpreadSums() }
        for (row, score) in scores.enumerated() {
            let weight = Double(weights?[row] ?? 1)
            let (bin, label) = (lookup.bin(of: score), labels?[row])
            all.add(score, in: bin, label: label, weight: weight)
            guard let scenario = scenarios?[row], parts.indices.contains(Int(scenario)) else {
                continue
            }
            parts[Int(scenario)].add(score, in: bin, label: label, weight: weight)
        }
        return ScoreReference.Task(
            task: task,
            bins: bins,
            all: all.spread,
            scenarios: zip(names, parts).filter { $1.rows > 0 }.map {
                ScoreReference.Scenario(scenario: $0, spread: $1.spread)
            },
            sample: FeatureReference.quantiles(scores)
        )
    }
}

/// Sums that a spread is made of.
private struct SpreadSums {
    private(set) var rows = 0
    private var weight = 0.0
    private var scores = 0.0
    private var labels: Double? = 0
    private var bins = [Double](repeating: 0, count: ScoreBins.count)

    mutating func add(_ score: Float, in bin: Int, label: Float?, weight: Double) {
        rows += 1
        self.weight += weight
        scores += weight * Double(score)
        bins[bin] += weight
        if let label, label.isFinite, let sum = labels {
            labels = sum + weight * Double(label)
        } else {
            labels = nil
        }
    }

    var spread: ScoreReference.Spread {
        // Rows of weight 0 only: nothing is known of their scores.
        let total = weight > 0 ? weight : 1
        return ScoreReference.Spread(
            rows: rows,
            mean: scores / total,
            labelMean: labels.map { $0 / total },
            shares: bins.map { $0 / total }
        )
    }
}
