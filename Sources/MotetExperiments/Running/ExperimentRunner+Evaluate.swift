import Foundation
import MotetCore
public import MotetData
public import MotetMetrics
import MotetNN
import MotetTraining

/// What an evaluation found.
public struct EvaluationResult: Sendable {
    /// The rows it is about: a part's name, or the files.
    public let rows: String
    /// The number of rows.
    public let rowCount: Int
    /// The names of the scenarios.
    public let scenarios: [String]
    /// Labels and predictions of each task.
    public let observations: [TaskObservations]
    /// How intervals are found, or nil for none.
    public let bootstrap: Bootstrap?
    /// Metrics by task and scenario.
    public let report: MetricReport
    /// What was read, changed and dropped, for files that are not the experiment's.
    public let preparation: PreparationReport?
}

extension ExperimentRunner {
    /// Measures a trained run on the rows set apart for it, or on other files.
    ///
    /// - Parameters:
    ///   - path: the run directory.
    ///   - files: files with labels; empty for the test rows of the experiment, or else its validation
    ///     rows.
    ///   - withIntervals: whether to find intervals.
    /// - Returns: observations and metrics.
    /// - Throws: the first mistake as a `ReportableError`.
    public func evaluate(
        _ path: String,
        files: [String] = [],
        withIntervals: Bool = true
    ) throws -> EvaluationResult {
        let run = try TrainedRun(path)
        return try evaluate(run, files: files, withIntervals: withIntervals)
    }

    func evaluate(
        _ run: TrainedRun,
        files: [String],
        withIntervals: Bool
    ) throws -> EvaluationResult {
        try replayThreads(run)
        let session = try engine.start(run.directory.recordedKernels(), false)
        let trainer = try trainer(run.experiment, run.fitted, session)
        trainer.parameters = run.parameters
        let bootstrap = withIntervals ? Self.bootstrap(run.experiment) : nil
        func result(
            _ predicted: [TaskObservations],
            _ rows: String,
            _ rowCount: Int,
            _ report: PreparationReport?
        ) throws -> EvaluationResult {
            let observations = try run.calibration.applied(to: predicted)
            return EvaluationResult(
                rows: rows,
                rowCount: rowCount,
                scenarios: run.fitted.scenarios,
                observations: observations,
                bootstrap: bootstrap,
                report: MetricReport(
                    evaluating: observations,
                    scenarios: run.fitted.scenarios,
                    bootstrap: bootstrap
                ),
                preparation: report
            )
        }
        guard files.isEmpty else {
            return try TemporaryFolder.with { folder in
                let prepared = try run.fitted.with(labels: run.experiment.tasks.map(\.label))
                    .prepare(
                        run.experiment.data.source(files),
                        into: folder + "/rows",
                        progress: { [observer] in observer.preparing($0) }
                    )
                let tasks = try labelled(prepared.dataset, run)
                return try result(
                    try trainer.evaluate(prepared.dataset, tasks: tasks),
                    files.joined(separator: ", "),
                    prepared.dataset.rowCount,
                    prepared.report
                )
            }
        }
        let data = try prepareAll(run.experiment)
        try checkSameData(run.directory, data, run.versions)
        for part in [DataPart.test, .validation] {
            guard let observations = try data.observations(trainer, part) else { continue }
            return try result(observations, part.rawValue, data.rowCount(part), nil)
        }
        throw ExperimentError(
            .partMissing,
            "run \"\(run.directory.path)\": the experiment has no test or validation rows; expected "
                + "some to measure on. Name files by `--data`."
        )
    }

    /// The tasks files have labels of: all, or where tasks have files of their own those that are there.
    private func labelled(_ dataset: PreparedDataset, _ run: TrainedRun) throws -> [String]? {
        let there = run.experiment.tasks.map(\.name).filter { name in
            dataset.columns.contains { $0.name == "label/\(name)" }
        }
        guard run.experiment.data.taskFiles.isEmpty || there.isEmpty else { return there }
        try checkLabels(dataset, run)
        return nil
    }

    private func checkLabels(_ dataset: PreparedDataset, _ run: TrainedRun) throws {
        for task in run.experiment.tasks
        where !dataset.columns.contains(where: { $0.name == "label/\(task.name)" }) {
            throw ExperimentError(
                .partMissing,
                "task \"\(task.name)\": the files have no column `\(task.column)` with its labels; "
                    + "expected it to measure the task. `motet predict` needs no labels."
            )
        }
    }

    func replayThreads(_ run: TrainedRun) throws {
        if let threads = run.experiment.training.threads { engine.useThreads(threads) }
    }

    /// Measures a training that has just come to its end.
    ///
    /// - Parameters:
    ///   - trainer: the trained model.
    ///   - experiment: the experiment.
    ///   - data: its rows.
    ///   - history: the epochs.
    ///   - validation: labels and predictions of the validation rows, not calibrated; nil where there are none.
    ///   - learnt: the calibrators; nil for none.
    /// - Returns: metrics of what the run will answer: calibrated probabilities.
    /// - Throws: `TrainingError` where rows do not fit the model.
    func measure(
        _ trainer: Trainer,
        _ experiment: Experiment,
        _ data: ExperimentData,
        _ history: History,
        _ validation: [TaskObservations]?,
        _ learnt: RunCalibration?
    ) throws -> RunMetrics {
        let calibration = FittedCalibration(learnt, scenarios: data.fitted.scenarios)
        // Of the test rows where there are any: they come last.
        var curves: [ReliabilityCurve] = []
        // Thresholds are chosen on the validation rows, which come first.
        var costs: [CostCurve] = []
        var effects: [CalibrationEffect]?
        func report(_ part: DataPart, _ predicted: [TaskObservations]?) throws -> MetricReport? {
            try predicted.map { predicted in
                let observations = try calibration.applied(to: predicted)
                effects = learnt.map {
                    CalibrationEffect.all(
                        $0,
                        before: predicted,
                        after: observations,
                        scenarios: data.fitted.scenarios
                    )
                }
                costs = Self.costs(experiment, observations, chosen: costs)
                if part == .test || data.rowCount(.test) == 0 { tell(effects ?? [], part) }
                curves = observations.compactMap { task in
                    let isProbability = experiment.tasks.contains {
                        $0.name == task.task && $0.loss.isBinary
                    }
                    return isProbability
                        ? ReliabilityCurve(task: task.task, task.observations) : nil
                }
                return MetricReport(
                    evaluating: observations,
                    scenarios: data.fitted.scenarios,
                    bootstrap: Self.bootstrap(experiment)
                )
            }
        }
        // An epoch resumed after its last step has no rate of its own.
        let seconds = history.epochs.filter { $0.rowsPerSecond > 0 }.reduce(0.0) { sum, epoch in
            sum + Double(data.trainingRows) / epoch.rowsPerSecond
        }
        let validationReport = try report(.validation, validation)
        let testReport = try report(.test, try data.observations(trainer, .test))
        return RunMetrics(
            parameters: trainer.model.parameters.filter(\.isTrained)
                .reduce(0) { $0 + $1.count },
            epoch: history.best?.epoch ?? 0,
            epochsOfTasks: Self.epochsOfTasks(experiment, history),
            trainingSeconds: seconds,
            scenarios: data.fitted.scenarios,
            validation: validationReport,
            test: testReport,
            reliability: curves.isEmpty ? nil : curves,
            calibration: effects,
            costs: costs.isEmpty ? nil : costs
        )
    }

    /// What decisions would have cost, for each task that names costs.
    ///
    /// - Parameters:
    ///   - experiment: the experiment.
    ///   - observations: labels and predictions of the rows.
    ///   - chosen: the curves of other rows, whose best thresholds are measured on these.
    /// - Returns: a curve for each task with costs and rows.
    private static func costs(
        _ experiment: Experiment,
        _ observations: [TaskObservations],
        chosen: [CostCurve]
    ) -> [CostCurve] {
        observations.compactMap { task in
            guard let costs = experiment.tasks.first(where: { $0.name == task.task })?.costs else {
                return nil
            }
            return CostCurve(
                task: task.task,
                costs,
                task.observations,
                chosen: chosen.first { $0.task == task.task }?.best
            )
        }
    }

    private static func epochsOfTasks(
        _ experiment: Experiment,
        _ history: History
    ) -> [RunMetrics.TaskEpoch]? {
        let best = history.bestOfTasks
        guard !best.isEmpty else { return nil }
        return experiment.tasks.compactMap { task in
            best[task.name].map { RunMetrics.TaskEpoch(task: task.name, epoch: $0) }
        }
    }
}

/// A folder that is removed when it is no longer needed.
enum TemporaryFolder {
    static func with<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = NSTemporaryDirectory() + "/motet-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }
}
