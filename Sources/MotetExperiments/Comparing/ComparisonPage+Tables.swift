import Foundation
import MotetMetrics
import MotetReports

extension ComparisonPage {
    /// Every metric of every cell on all rows, beside both baselines.
    var detailBlocks: [ReportBlock] {
        blocks(details(scenarios: false, limit: Self.rowLimit))
    }

    /// The same in scenarios.
    var scenarioBlocks: [ReportBlock] {
        let shown = report.cells.reduce(0) { sum, cell in
            sum + cell.entries.count { $0.scenario == nil }
        }
        return blocks(details(scenarios: true, limit: max(0, Self.rowLimit - shown)))
    }

    private func blocks(_ found: (table: ReportTable, left: Int)) -> [ReportBlock] {
        let note: [ReportBlock] =
            found.left > 0 ? [.paragraph("\(found.left) more rows stand in `report.json`.")] : []
        return (found.table.rows.isEmpty ? [] : [.table(found.table)]) + note
    }

    private func details(scenarios: Bool, limit: Int) -> (table: ReportTable, left: Int) {
        let baseline: [ReportTable.Column] = [.init("95 % interval"), .init("p"), .text("")]
        var columns: [ReportTable.Column] = [.text("cell"), .text("task")]
        if scenarios { columns.append(.text("scenario")) }
        columns += [.text("metric"), .init("mean"), .init("95 % interval")]
        columns.append(.init("\u{2212} single task"))
        columns += baseline
        columns.append(.init("\u{2212} tuned weights"))
        columns += baseline
        var table = ReportTable(
            scenarios
                ? "Every metric by scenario, beside both baselines"
                : "Every metric on all rows, beside both baselines",
            source: Self.source,
            columns: columns
        )
        var left = 0
        for (group, key) in report.keys(scenarios: scenarios).enumerated() {
            var isFirst = group > 0
            for (index, cell) in report.cells.enumerated() {
                guard
                    let place = cell.entries.firstIndex(where: {
                        ComparisonReport.isSame($0, key)
                    })
                else { continue }
                guard table.rows.count < limit else {
                    left += 1
                    continue
                }
                let entry = cell.entries[place]
                let digits = ComparisonReport.digits(entry)
                func text(_ value: Double) -> String { ReportNumber.fixed(value, digits: digits) }
                let mean: ReportCell =
                    entry.mean.value == nil
                    ? .text("undefined", .muted)
                    : .number(entry.mean.value, from: "mean/value", text: text)
                var shown: [ReportCell] = [
                    .name(cell.name, from: "/cells/\(index)/name"), .name(entry.task, from: "task"),
                ]
                if scenarios { shown.append(.name(entry.scenario ?? "", from: "scenario")) }
                shown += [
                    .text(Metric(name: entry.metric)?.title ?? entry.metric), mean,
                    .interval(
                        entry.mean.interval?.lower,
                        entry.mean.interval?.upper,
                        from: "mean/interval",
                        text: text
                    ),
                ]
                shown += Self.cells(entry.againstSingleTask, "against_single_task", digits)
                shown += Self.cells(entry.againstTuned, "against_tuned_scalarisation", digits)
                table.rows.append(
                    .init(
                        shown,
                        at: "/cells/\(index)/entries/\(place)",
                        beginsGroup: isFirst
                    )
                )
                isFirst = false
            }
        }
        return (table, left)
    }

    private static func cells(
        _ difference: ComparisonReport.Difference?,
        _ key: String,
        _ digits: Int
    ) -> [ReportCell] {
        guard let difference else { return [.missing, .missing, .missing, .text("")] }
        var verdict = ReportCell.text(difference.interval == nil ? "" : "not clear", .muted)
        if let isBetter = difference.isBetter {
            verdict = isBetter ? .text("better", .good) : .text("worse", .bad)
        }
        return [
            .number(difference.value, digits: digits, isSigned: true, from: key + "/value"),
            .interval(
                difference.interval?.lower,
                difference.interval?.upper,
                from: key + "/interval"
            ) { ReportNumber.fixed($0, digits: digits) },
            .number(difference.pValue, digits: 3, from: key + "/p_value"), verdict,
        ]
    }

    /// The weights that were tried.
    var searchBlocks: [ReportBlock] {
        guard let search = report.search else { return [] }
        var columns: [ReportTable.Column] = [.init("trial")]
        columns += report.tasks.map { ReportTable.Column($0) }
        columns += [.init("score"), .text("")]
        var table = ReportTable(
            "Weights of losses that were tried on \(search.cell), by \(search.criterion) on validation rows",
            source: Self.source,
            columns: columns
        )
        for (index, trial) in search.trials.enumerated() {
            var cells: [ReportCell] = [.text("\(index + 1)")]
            for (place, weight) in trial.weights.enumerated() {
                cells.append(.number(weight, digits: 3, from: "weights/\(place)"))
            }
            cells.append(.number(trial.score, digits: 4, from: "score"))
            let state = trial.run.state == .finished ? "" : trial.run.stateText
            let isChosen = search.chosen == index + 1
            cells.append(isChosen ? .text("chosen", .good) : .text(state, .muted))
            table.rows.append(.init(cells, at: "/search/trials/\(index)"))
        }
        return [.table(table)]
    }

    private static func memory(_ bytes: Int64?) -> ReportCell {
        guard let bytes else { return .missing }
        return .text(ReportNumber.fixed(Double(bytes) / 1_048_576, digits: 0) + " MiB")
    }

    /// What became of each training, and what it took.
    var runBlocks: [ReportBlock] {
        var table = ReportTable(
            "Each training, with everything it took",
            source: Self.source,
            columns: [
                .text("run"), .text("state"), .init("seconds"), .init("memory"),
            ]
        )
        var seen = Set<String>()
        var all: [(run: ComparisonReport.Run, pointer: String)] = []
        for (cell, entry) in report.cells.enumerated() {
            for (index, run) in entry.runs.enumerated() {
                all.append((run, "/cells/\(cell)/runs/\(index)"))
            }
        }
        for (index, trial) in (report.search?.trials ?? []).enumerated() {
            all.append((trial.run, "/search/trials/\(index)/run"))
        }
        for (run, pointer) in all
        where table.rows.count < Self.rowLimit && seen.insert(run.path).inserted {
            let state =
                run.state == .finished ? ReportCell.text(run.stateText) : .text(run.stateText, .bad)
            table.rows.append(
                .init(
                    [
                        .name(run.path, from: "path"), state,
                        .number(run.seconds, digits: 1, from: "seconds"),
                        // Bytes in the file: its own unit on the page, so without a place there.
                        Self.memory(run.memory),
                    ],
                    at: pointer
                )
            )
        }
        return [.table(table)]
    }
}
