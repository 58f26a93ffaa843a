import MotetData
import MotetMetrics
import MotetTraining

extension ExperimentRunner {
    /// Checks before a training that there will be something to learn calibrators from.
    ///
    /// - Throws: `ExperimentError` (`part_missing`) where a task's validation rows have not both labels.
    func checkCalibration(_ experiment: Experiment, _ data: ExperimentData) throws {
        for task in experiment.tasks where task.calibration != nil {
            let source = data.sources.first { $0.tasks?.contains(task.name) ?? true }
            let counts =
                try (source?.splits.validation).map { try self.labels(task, experiment, $0) }
                ?? [0, 0]
            guard counts[0] > 0, counts[1] > 0 else {
                throw ExperimentError(
                    .partMissing,
                    "task \"\(task.name)\": there is nothing to learn its calibration from; expected "
                        + "validation rows with the labels 0 and 1; received \(counts[0]) with 0 and "
                        + "\(counts[1]) with 1\(Self.condition(task)). Leave `calibration` out, or name other validation rows."
                )
            }
        }
    }

    /// What rows have to be beside, where a task is not defined on all.
    private static func condition(_ task: TaskSettings) -> String {
        task.within.map { ", of those where `\($0)` is 1" } ?? ""
    }

    /// How many rows calibrators would learn from, by label: those on which the task is defined, and that count.
    private func labels(
        _ task: TaskSettings,
        _ experiment: Experiment,
        _ rows: PreparedDataset
    ) throws -> [Int] {
        let there = Set(rows.columns.map(\.name))
        guard there.contains("label/\(task.name)") else { return [0, 0] }
        var isCounted = [Bool](repeating: true, count: rows.rowCount)
        var parent = task.within
        while let name = parent {
            guard there.contains("label/\(name)") else { return [0, 0] }
            try rows.withFloats("label/\(name)") { labels in
                for row in isCounted.indices where labels[row] != 1 { isCounted[row] = false }
            }
            parent = experiment.tasks.first { $0.name == name }?.within
        }
        if there.contains(Trainer.sampleWeightColumn) {
            try rows.withFloats(Trainer.sampleWeightColumn) { weights in
                for row in isCounted.indices where weights[row] == 0 { isCounted[row] = false }
            }
        }
        var counts = [0, 0]
        try rows.withFloats("label/\(task.name)") { labels in
            for row in isCounted.indices where isCounted[row] {
                if labels[row] == 0 || labels[row] == 1 { counts[Int(labels[row])] += 1 }
            }
        }
        return counts
    }

    /// Learns how the probabilities of a trained model come true.
    ///
    /// - Parameters:
    ///   - experiment: the experiment.
    ///   - data: its rows.
    ///   - validation: labels and predictions on the validation rows; nil where there are none.
    /// - Returns: the calibrators; nil where no task asks for them.
    /// - Throws: `MetricError` where predictions are no probabilities.
    func calibration(
        _ experiment: Experiment,
        _ data: ExperimentData,
        _ validation: [TaskObservations]?
    ) throws -> RunCalibration? {
        guard experiment.tasks.contains(where: { $0.calibration != nil }) else { return nil }
        let made = try RunCalibration(
            experiment,
            validation ?? [],
            scenarios: data.fitted.scenarios
        )
        for task in made.tasks where !task.pooled.isEmpty {
            observer.note(
                "calibration of \(task.task): too few validation rows of "
                    + task.pooled.joined(separator: ", ") + " for a calibrator of their own; "
                    + "that of all rows is taken there"
            )
        }
        return made
    }

    /// Tells what calibration did on all rows.
    func tell(_ effects: [CalibrationEffect], _ part: DataPart) {
        for effect in effects where effect.scenario == nil {
            guard let before = effect.before.error, let after = effect.after.error else { continue }
            observer.note(
                "calibration of \(effect.task) (\(effect.calibrator.rawValue)): expected calibration "
                    + "error \(NumberText.fixed(before, digits: 4)) -> "
                    + "\(NumberText.fixed(after, digits: 4)) on \(part.rawValue) rows"
            )
        }
    }
}
