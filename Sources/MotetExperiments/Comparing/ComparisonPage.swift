import Foundation
import MotetMetrics
import MotetReports

/// The page of a comparison: `comparison.html`, with the numbers of `report.json` and their places there.
struct ComparisonPage {
    static let source = "report.json"
    /// The tables of metrics have no more rows than this together.
    static let rowLimit = 300
    /// Maps by scenario have no more cells than this together, but for the first.
    static let cellLimit = 800
    /// Tasks beyond this number have no drawing of their own.
    static let taskLimit = 6

    let report: ComparisonReport

    /// The file.
    func html() -> String {
        let seeds = report.seeds.map { "\($0)" }.joined(separator: ", ")
        let page = ReportPage(
            title: report.name,
            lead:
                "\(report.cells.count) ways to train \(report.tasks.joined(separator: ", ")), seeds "
                + "\(seeds), measured on \(report.rows) \(report.part) rows.",
            sections: [
                ReportSection("Cells", cellBlocks),
                ReportSection("Chosen run", selectionBlocks),
                ReportSection("Gains and costs", gainBlocks),
                ReportSection("Beside single-task training", differenceBlocks),
                ReportSection("By task and metric", detailBlocks),
                ReportSection("By scenario", scenarioBlocks),
                ReportSection("Searched weights", searchBlocks),
                ReportSection("Runs", runBlocks),
            ],
            footer:
                "Written by Motet \(MotetVersion.current). The numbers are those of `report.json` "
                + "beside this page; means are over seeds, intervals over rows and seeds."
        )
        return page.html()
    }

    private var cellBlocks: [ReportBlock] {
        let facts = ReportFacts(
            source: Self.source,
            [
                .init("rows", .count(report.rows, from: "/rows")),
                .init("measured on", .name(report.part, from: "/part")),
                .init("tasks", .text("\(report.tasks.count)")),
                .init("seeds", .text("\(report.seeds.count)")),
                .init("single-task baseline", .name(report.singleTask, from: "/single_task")),
            ]
        )
        let unfinished = report.unfinished()
        let notes = unfinished.prefix(10).map { ReportBlock.note($0, isWarning: true) }
        let more = unfinished.count - notes.count
        let rest: [ReportBlock] =
            more > 0 ? [.note("\(more) more runs are not finished.", isWarning: true)] : []
        return [.facts(facts)] + notes + rest + [.table(cellTable)]
    }

    /// One row a cell, as in the report for a terminal.
    private var cellTable: ReportTable {
        let firsts = report.firstMetrics
        let hasScore = report.cells.contains { $0.score != nil }
        var columns: [ReportTable.Column] = [.text("cell")]
        for (task, metric) in zip(report.tasks, firsts) {
            let title = metric.flatMap { Metric(name: $0)?.title }
            columns.append(.init("\(task) \(title ?? "")"))
        }
        columns += [
            .init("delta-m"), .init("95 % interval"), .init("parameters"), .init("ms/step"),
            .text("front"), .init("runs"),
        ]
        if hasScore { columns.append(.init("score")) }
        var table = ReportTable(
            "Each cell: first metric of each task, delta-m, parameters, step time",
            source: Self.source,
            columns: columns
        )
        for (index, cell) in report.cells.enumerated() {
            var cells: [ReportCell] = [.name(cell.name, from: "name")]
            for (task, metric) in zip(report.tasks, firsts) {
                let place = cell.entries.firstIndex {
                    $0.task == task && $0.scenario == nil && $0.metric == metric
                }
                guard let place else {
                    cells.append(.missing)
                    continue
                }
                let pointer = "entries/\(place)/mean/value"
                cells.append(.number(cell.entries[place].mean.value, digits: 4, from: pointer))
            }
            let finished = cell.runs.filter { $0.state == .finished }.count
            var front = ReportCell.missing
            if let isOnFront = cell.isOnParetoFront {
                front = isOnFront ? .text("yes", .strong) : .text("no", .muted)
            }
            cells += [
                .percent(
                    cell.deltaM.value,
                    digits: 2,
                    isSigned: true,
                    from: "delta_m/value",
                    Self.tone(cell.deltaM)
                ),
                .interval(
                    cell.deltaM.interval?.lower,
                    cell.deltaM.interval?.upper,
                    from: "delta_m/interval",
                    text: Self.percent
                ),
                .count(cell.parameters, from: "parameters"),
                .number(cell.stepMilliseconds, digits: 2, from: "step_milliseconds"),
                front, .text("\(finished)/\(report.seeds.count)"),
            ]
            if hasScore { cells.append(.number(cell.score, digits: 4, from: "score")) }
            table.rows.append(.init(cells, at: "/cells/\(index)"))
        }
        return table
    }

    /// Good or bad where the interval leaves 0 out.
    private static func tone(_ number: ComparisonReport.Number) -> ReportCell.Tone {
        guard let value = number.value, let interval = number.interval, !interval.contains(0) else {
            return .plain
        }
        return value > 0 ? .good : .bad
    }

    static func percent(_ share: Double) -> String {
        ReportNumber.fixed(100 * share, digits: 2, isSigned: true) + "\u{A0}%"
    }

    private var selectionBlocks: [ReportBlock] {
        guard let selection = report.selection else { return [] }
        let facts = ReportFacts(
            source: Self.source,
            [
                .init("chosen by", .name(selection.criterion, from: "/selection/criterion")),
                .init("cell", .name(selection.cell, from: "/selection/cell")),
                .init("seed", .text("\(selection.seed)")),
                .init("run", .name(selection.path, from: "/selection/path")),
                .init(
                    "score on validation rows",
                    .number(selection.score, digits: 4, from: "/selection/score")
                ),
            ]
        )
        var blocks: [ReportBlock] = [
            .paragraph("Chosen on validation rows only; the run is copied to `best`."),
            .facts(facts),
        ]
        if let test = selection.test {
            blocks += RunPage.blocks(
                of: test.grouped(by: .task),
                "The chosen run on test rows, measured once",
                source: Self.source,
                at: "/selection/test",
                in: test
            )
        } else {
            blocks.append(.paragraph("There are no test rows."))
        }
        for (name, key, comparison) in [
            ("single-task training", "against_single_task", selection.againstSingleTask),
            ("the searched weights", "against_tuned_scalarisation", selection.againstTuned),
        ] {
            guard let comparison else { continue }
            blocks.append(
                .table(Self.table(comparison, "The chosen run beside \(name) of its seed", key))
            )
        }
        return blocks
    }

    private static func table(
        _ comparison: MetricComparison,
        _ caption: String,
        _ key: String
    )
        -> ReportTable
    {
        var table = ReportTable(
            caption,
            source: source,
            columns: [
                .text("task"), .text("metric"), .init("chosen"), .init("other"),
                .init("difference"), .init("interval"),
            ]
        )
        for (index, entry) in comparison.entries.enumerated() where entry.scenario == nil {
            let difference = entry.paired.difference
            table.rows.append(
                .init(
                    [
                        .name(entry.task, from: "task"),
                        .text(Metric(name: entry.metric)?.title ?? entry.metric),
                        .number(entry.first.value, digits: 4, from: "first/value"),
                        .number(entry.second.value, digits: 4, from: "second/value"),
                        .number(
                            difference.value.value,
                            digits: 4,
                            isSigned: true,
                            from: "paired/difference/value/value"
                        ),
                        .interval(
                            difference.interval?.lower,
                            difference.interval?.upper,
                            from: "paired/difference/interval"
                        ) { ReportNumber.fixed($0, digits: 4) },
                    ],
                    at: "/selection/\(key)/entries/\(index)"
                )
            )
        }
        return table
    }
}
