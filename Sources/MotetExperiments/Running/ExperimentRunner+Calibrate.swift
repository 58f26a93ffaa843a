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
            let column = "label/\(task.name)"
            var counts = [0, 0]
            if let rows = source?.splits.validation,
                rows.columns.contains(where: { $0.name == column })
            {
                try rows.withFloats(column) { labels in
                    for label in labels where label == 0 || label == 1 { counts[Int(label)] += 1 }
                }
            }
            guard counts[0] > 0, counts[1] > 0 else {
                throw ExperimentError(
                    .partMissing,
                    "task \"\(task.name)\": there is nothing to learn its calibration from; expected "
                        + "validation rows with the labels 0 and 1; received \(counts[0]) with 0 and "
                        + "\(counts[1]) with 1. Leave `calibration` out, or name other validation rows."
                )
            }
        }
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
