import Foundation
import MotetCore
import MotetData
import MotetMetrics
import MotetTraining

extension ComparisonRunner {
    /// Measures what is finished, and writes it into the folder.
    func report(_ outcomes: ComparisonOutcomes, _ pool: ComparisonPool) throws -> ComparisonReport {
        let rows = try data(of: comparison.cells[0].experiment)
        // What a run is chosen by must not be what it is judged by: with a choice, all cells are shown on
        // validation rows.
        let part: DataPart =
            comparison.selection == nil && rows.rowCount(.test) > 0 ? .test : .validation
        var groups = outcomes.runs.cells
        if comparison.search != nil { groups.append((Comparison.tunedName, outcomes.tuned)) }
        var measured: [MeasuredCell] = []
        for (name, runs) in groups {
            let first = measured.lazy.compactMap(\.observations.first).first
            measured.append(try self.measured(name, runs, on: part, like: first))
        }
        let statistics = try ComparisonStatistics(
            measured,
            tasks: comparison.tasks,
            scenarios: rows.fitted.scenarios,
            bootstrap: bootstrap
        )
        let front = statistics.front()
        var result = ComparisonReport(
            name: comparison.name,
            part: part.rawValue,
            rows: rows.rowCount(part),
            tasks: comparison.tasks.map(\.name),
            seeds: comparison.seeds,
            singleTask: comparison.singleTask,
            cells: [],
            search: outcomes.search,
            selection: nil
        )
        for (cell, group) in zip(measured, groups) {
            result.cells.append(
                ComparisonReport.Cell(
                    name: cell.name,
                    choices: comparison.cell(cell.name)?.choices ?? [],
                    runs: group.runs.map { ComparisonReport.Run($0, pool) },
                    parameters: cell.metrics.first?.parameters,
                    stepMilliseconds: stepMilliseconds(cell),
                    entries: statistics.entries(
                        cell.name,
                        singleTask: comparison.singleTask,
                        tuned: Comparison.tunedName
                    ),
                    deltaM: statistics.deltaM(cell.name, over: comparison.singleTask),
                    isOnParetoFront: front[cell.name],
                    score: nil
                )
            )
        }
        if let criterion = comparison.selection {
            try select(criterion, measured, &result)
        }
        try write(result)
        return result
    }

    /// Rows are drawn as in `motet evaluate` of a run with the first seed.
    private var bootstrap: Bootstrap {
        let experiment = comparison.cells[0].experiment
        return ExperimentRunner.bootstrap(experiment)
            ?? Bootstrap(
                resamples: 200,
                unit: experiment.evaluation.unit,
                key: RandomKey(seed: experiment.seed).split("bootstrap")
            )
    }

    // MARK: The choice

    /// Picks the cell with the best mean on validation rows and its best run there, copies the run, and
    /// measures it on the test rows.
    private func select(
        _ criterion: ComparisonCriterion,
        _ cells: [MeasuredCell],
        _ result: inout ComparisonReport
    ) throws {
        let baseline = cells.first { $0.name == comparison.singleTask }
            .flatMap { MetricReport(meanOf: $0.metrics.compactMap(\.validation)) }
        func score(_ reports: [MetricReport]) -> Double? {
            MetricReport(meanOf: reports).flatMap {
                criterion.value($0, baseline: baseline, tasks: comparison.tasks)
            }
        }
        for (index, cell) in cells.enumerated() {
            result.cells[index].score = score(cell.metrics.compactMap(\.validation))
        }
        // A mean over some seeds is compared with others of its kind only where no cell has all.
        let seeds = comparison.seeds.count
        let whole = cells.indices.filter { cells[$0].runs.count == seeds }
        var best: (cell: Int, score: Double)?
        for index in whole.isEmpty ? Array(cells.indices) : whole {
            guard let score = result.cells[index].score,
                criterion.goal.isBetter(score, than: best?.score)
            else { continue }
            best = (index, score)
        }
        guard let best else { return }
        let cell = cells[best.cell]
        var chosen: (run: Int, score: Double)?
        for (index, metrics) in cell.metrics.enumerated() {
            guard let report = metrics.validation, let score = score([report]),
                criterion.goal.isBetter(score, than: chosen?.score)
            else { continue }
            chosen = (index, score)
        }
        guard let chosen else { return }
        let run = cell.runs[chosen.run]
        try keep(run)
        result.selection = try selection(criterion, run, best.score, cell.name, cells)
    }

    private func selection(
        _ criterion: ComparisonCriterion,
        _ run: ComparisonRun,
        _ score: Double,
        _ cell: String,
        _ cells: [MeasuredCell]
    ) throws -> ComparisonReport.Selection {
        var selection = ComparisonReport.Selection(
            criterion: criterion.name,
            cell: cell,
            seed: run.seed,
            path: run.path,
            score: score,
            test: nil,
            againstSingleTask: nil,
            againstTuned: nil
        )
        let rows = try data(of: run.experiment)
        guard rows.rowCount(.test) > 0 else { return selection }
        let scenarios = rows.fitted.scenarios
        let own = try observations(run, .test)
        selection.test = MetricReport(evaluating: own, scenarios: scenarios, bootstrap: bootstrap)
        func comparison(with name: String) throws -> MetricComparison? {
            guard name != cell,
                let other = cells.first(where: { $0.name == name })?.runs
                    .first(where: { $0.seed == run.seed })
            else { return nil }
            return try MetricComparison(
                of: own,
                with: try observations(other, .test),
                scenarios: scenarios,
                bootstrap: bootstrap
            )
        }
        selection.againstSingleTask = try comparison(with: self.comparison.singleTask)
        selection.againstTuned = try comparison(with: Comparison.tunedName)
        return selection
    }

    /// Copies the chosen run; the copy appears whole.
    private func keep(_ run: ComparisonRun) throws {
        let manager = FileManager.default
        let partial = folder.best + ".partial"
        do {
            if manager.fileExists(atPath: partial) { try manager.removeItem(atPath: partial) }
            try manager.copyItem(atPath: folder.place(run), toPath: partial)
            if manager.fileExists(atPath: folder.best) {
                try manager.removeItem(atPath: folder.best)
            }
            try manager.moveItem(atPath: partial, toPath: folder.best)
        } catch {
            try? manager.removeItem(atPath: partial)
            throw TrainingError(
                .cannotWrite,
                "folder \"\(folder.best)\": cannot be written: \(error.localizedDescription)"
            )
        }
    }

    private func write(_ result: ComparisonReport) throws {
        try AtomicFile.write(folder.reportFile, text: try result.json() + "\n")
        try AtomicFile.write(folder.markdownFile, text: result.markdown())
        try AtomicFile.write(folder.pageFile, text: ComparisonPage(report: result).html())
    }
}

extension ComparisonReport {
    /// The result as JSON with sorted keys.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension MetricReport {
    /// The mean of reports on the same rows, entry by entry, without intervals; nil of none.
    init?(meanOf reports: [MetricReport]) {
        guard let first = reports.first else { return nil }
        let entries = first.entries.enumerated().map { index, entry in
            let values = reports.compactMap { report in
                index < report.entries.count ? report.entries[index].estimate.value.value : nil
            }
            let value =
                values.count == reports.count
                ? MetricValue(
                    .value(values.reduce(0, +) / Double(values.count)),
                    rows: entry.estimate.value.rows
                ) : entry.estimate.value
            return Entry(
                task: entry.task,
                scenario: entry.scenario,
                metric: entry.metric,
                estimate: Estimate(value)
            )
        }
        self.init(entries: entries)
    }
}
