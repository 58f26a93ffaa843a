import Foundation
import MotetCore
import MotetData
import MotetMetrics
import MotetNN
import MotetTraining

/// The finished runs of a cell, measured on one part of the data.
struct MeasuredCell {
    let name: String
    /// The finished runs, by seed.
    let runs: [ComparisonRun]
    /// What `motet train` recorded of each.
    let metrics: [RunMetrics]
    /// Labels and predictions of each task, for each run.
    var observations: [[TaskObservations]]
}

extension ComparisonRunner {
    /// Predicts a part of the data with the finished runs of a cell.
    ///
    /// - Parameters:
    ///   - name: the cell.
    ///   - runs: its runs.
    ///   - part: the part.
    ///   - first: observations of another run, whose labels are shared in memory.
    /// - Returns: the finished runs with their predictions.
    /// - Throws: an error of a run that cannot be read, or was measured on other rows.
    func measured(
        _ name: String,
        _ runs: [ComparisonRun],
        on part: DataPart,
        like first: [TaskObservations]?
    ) throws -> MeasuredCell {
        let finished = runs.filter { RunDirectory(folder.place($0)).isFinished }
        var shared = first
        let observations = try finished.map { run in
            let own = try self.observations(run, part)
            guard let known = shared else {
                shared = own
                return own
            }
            return try zip(own, known).map { task, other in
                guard other.observations.hasSameRows(as: task.observations) else {
                    throw ExperimentError(
                        .runMismatch,
                        "cell \"\(name)\": \(task.task) was measured on other rows than in the other "
                            + "cells; expected the same. Do its features drop rows?"
                    )
                }
                return TaskObservations(
                    task: task.task,
                    metrics: task.metrics,
                    observations: try other.observations.replacing(
                        predictions: task.observations.predictions
                    )
                )
            }
        }
        return MeasuredCell(
            name: name,
            runs: finished,
            metrics: try finished.map { try RunDirectory(folder.place($0)).metrics() },
            observations: observations
        )
    }

    /// Labels and predictions of a finished run on a part.
    func observations(_ run: ComparisonRun, _ part: DataPart) throws -> [TaskObservations] {
        let trained = try TrainedRun(folder.place(run))
        let rows = try data(of: run.experiment)
        try runner.checkSameData(trained.directory, rows, trained.versions)
        // As many as it was trained on: products of other shapes round differently.
        runner.engine.useThreads(trained.versions.threads)
        let session = try runner.engine.start(try trained.directory.recordedKernels(), false)
        let trainer = try runner.trainer(trained.experiment, trained.fitted, session)
        trainer.parameters = trained.parameters
        return try trained.calibration.applied(to: rows.observations(trainer, part) ?? [])
    }

    /// Milliseconds of a training step: the median over epochs, the mean over runs.
    func stepMilliseconds(_ cell: MeasuredCell) -> Double? {
        let times = cell.runs.compactMap { run -> Double? in
            let file = RunDirectory(folder.place(run)).historyFile
            let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            let rates = text.split(separator: "\n").compactMap { line in
                try? JSONDecoder().decode(EpochRecord.self, from: Data(line.utf8)).rowsPerSecond
            }
            .filter { $0 > 0 }.sorted()
            guard !rates.isEmpty else { return nil }
            return 1000 * Double(run.experiment.training.batchSize) / rates[rates.count / 2]
        }
        guard !times.isEmpty else { return nil }
        return times.reduce(0, +) / Double(times.count)
    }
}

/// Metrics of all cells on the same rows, with intervals and differences.
struct ComparisonStatistics {
    /// A metric of a task on all rows or in a scenario, for all cells.
    struct Line {
        let task: String
        let scenario: String?
        let metric: Metric
        /// For each cell the values of its seeds.
        let values: [[Double?]]
        /// For each cell the mean with its resamples; nil where no run is finished.
        let means: [Replicates?]
    }

    let names: [String]
    private(set) var lines: [Line] = []
    private let level: Double

    /// Measures cells.
    ///
    /// - Parameters:
    ///   - cells: the cells.
    ///   - tasks: the tasks, in the order of the observations, with their metrics.
    ///   - scenarios: the names of the scenarios.
    ///   - bootstrap: how rows are drawn again.
    /// - Throws: `metric_columns` when cells were measured on different rows.
    init(
        _ cells: [MeasuredCell],
        tasks: [TaskSettings],
        scenarios: [String],
        bootstrap: Bootstrap
    ) throws {
        names = cells.map(\.name)
        level = bootstrap.level
        for task in tasks {
            let models = cells.map { cell in
                cell.observations.compactMap { run in
                    run.first { $0.task == task.name }?.observations
                }
            }
            let parts = models.map { runs in
                runs.map { [$0] + $0.split(scenarios: scenarios.count) }
            }
            for (index, scenario) in ([nil] + scenarios.map(Optional.some)).enumerated() {
                let resampling = scenario.map(bootstrap.split) ?? bootstrap
                for metric in task.metrics {
                    lines.append(
                        try Self.line(
                            task.name,
                            scenario,
                            metric,
                            parts.map { runs in runs.map { $0[index] } },
                            names,
                            resampling
                        )
                    )
                }
            }
        }
    }

    private static func line(
        _ task: String,
        _ scenario: String?,
        _ metric: Metric,
        _ models: [[Observations]],
        _ names: [String],
        _ bootstrap: Bootstrap
    ) throws -> Line {
        let values = models.map { runs in runs.map { metric.evaluate($0).value } }
        let resampled = try bootstrap.resamples(of: metric, models.flatMap { $0 })
        var start = 0
        var means: [Replicates?] = []
        for (index, runs) in models.enumerated() {
            let rows = Array(resampled[start..<start + runs.count])
            start += runs.count
            // By cell alone: the seeds drawn are the same for all its metrics.
            let key = bootstrap.key.split("seeds").split(names[index])
            means.append(
                runs.isEmpty ? nil : Replicates(seeds: values[index], rows: rows, key: key)
            )
        }
        return Line(task: task, scenario: scenario, metric: metric, values: values, means: means)
    }

    /// What was measured of a cell.
    func entries(_ name: String, singleTask: String, tuned: String) -> [ComparisonReport.Entry] {
        guard let index = names.firstIndex(of: name) else { return [] }
        return lines.compactMap { line in
            guard let mean = line.means[index] else { return nil }
            return ComparisonReport.Entry(
                task: line.task,
                scenario: line.scenario,
                metric: line.metric.name,
                bySeed: line.values[index],
                mean: number(mean),
                againstSingleTask: name == singleTask ? nil : difference(line, mean, singleTask),
                againstTuned: name == tuned ? nil : difference(line, mean, tuned)
            )
        }
    }

    private func difference(
        _ line: Line,
        _ mean: Replicates,
        _ other: String
    ) -> ComparisonReport.Difference? {
        guard let index = names.firstIndex(of: other), let base = line.means[index] else {
            return nil
        }
        let difference = mean - base
        let interval = difference.interval(level: level)
        var isBetter: Bool?
        if let interval, !interval.contains(0), let value = mean.value, let old = base.value {
            isBetter = line.metric.goal.isBetter(value, than: old)
        }
        return ComparisonReport.Difference(
            value: difference.value,
            interval: interval,
            pValue: difference.pValue,
            isBetter: isBetter
        )
    }

    private func number(_ replicates: Replicates) -> ComparisonReport.Number {
        ComparisonReport.Number(
            value: replicates.value,
            interval: replicates.interval(level: level)
        )
    }

    /// The mean relative gain of a cell over a baseline.
    func deltaM(_ name: String, over baseline: String) -> ComparisonReport.Number {
        guard let index = names.firstIndex(of: name), let base = names.firstIndex(of: baseline)
        else {
            return ComparisonReport.Number(value: nil, interval: nil)
        }
        let counted = lines.filter { $0.scenario == nil && RelativeGain.counts($0.metric.goal) }
        let own = counted.compactMap { $0.means[index] }
        let other = counted.compactMap { $0.means[base] }
        guard own.count == counted.count, other.count == counted.count, !counted.isEmpty else {
            return ComparisonReport.Number(value: nil, interval: nil)
        }
        var tasks: [String] = []
        for line in counted where !tasks.contains(line.task) { tasks.append(line.task) }
        let gain = Replicates.combining(own + other) { values in
            RelativeGain.mean(
                tasks.map { task in
                    counted.indices.filter { counted[$0].task == task }.map { line in
                        RelativeGain.Pair(
                            value: values[line],
                            baseline: values[counted.count + line],
                            goal: counted[line].metric.goal
                        )
                    }
                }
            )
        }
        return index == base
            ? ComparisonReport.Number(value: gain.value, interval: nil) : number(gain)
    }

    /// The cells on the Pareto front of the first metric of every task; cells without a value are on neither
    /// side.
    func front() -> [String: Bool] {
        var first: [Line] = []
        for line in lines
        where line.scenario == nil && !first.contains(where: { $0.task == line.task }) {
            first.append(line)
        }
        let complete = names.indices.filter { index in
            first.allSatisfy { $0.means[index]?.value != nil }
        }
        let points = complete.map { index in first.compactMap { $0.means[index]?.value } }
        let front = Set(ParetoFront.indices(of: points, goals: first.map(\.metric.goal)))
        var isOnFront: [String: Bool] = [:]
        for (place, index) in complete.enumerated() {
            isOnFront[names[index]] = front.contains(place)
        }
        return isOnFront
    }
}
