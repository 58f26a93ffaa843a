import Foundation
import MotetMetrics
public import MotetTraining

extension ComparisonReport {
    /// One row a cell: the first metric of each task, delta-m, parameters, step time, Pareto front, runs.
    ///
    /// - Returns: a table for a terminal or a Markdown page.
    public func summary() -> TextTable {
        let firsts = firstMetrics
        let titles = zip(tasks, firsts).map { task, metric in
            "\(task) \(metric.flatMap { Metric(name: $0)?.title } ?? "-")"
        }
        let hasScore = cells.contains { $0.score != nil }
        var table = TextTable(
            ["cell"] + titles + [
                "delta-m", "95 % interval", "parameters", "ms/step", "front", "runs",
            ]
                + (hasScore ? ["score"] : []),
            alignments: [.left]
        )
        for cell in cells {
            let values = zip(tasks, firsts).map { task, metric in
                let entry = cell.entries.first {
                    $0.task == task && $0.scenario == nil && $0.metric == metric
                }
                return entry?.mean.value.map { NumberText.fixed($0, digits: 4) } ?? "-"
            }
            let finished = cell.runs.filter { $0.state == .finished }.count
            table.addRow(
                [cell.name] + values + [
                    cell.deltaM.value.map(Self.percent) ?? "-",
                    cell.deltaM.interval.map {
                        "[\(Self.percent($0.lower)), \(Self.percent($0.upper))]"
                    } ?? "-",
                    cell.parameters.map { "\($0)" } ?? "-",
                    cell.stepMilliseconds.map { NumberText.fixed($0, digits: 2) } ?? "-",
                    cell.isOnParetoFront.map { $0 ? "yes" : "no" } ?? "-",
                    "\(finished)/\(seeds.count)",
                ] + (hasScore ? [cell.score.map { NumberText.fixed($0, digits: 4) } ?? "-"] : [])
            )
        }
        return table
    }

    /// The name of the first metric of each task; nil where nothing was measured.
    var firstMetrics: [String?] {
        tasks.map { task in
            cells.lazy.compactMap { cell in
                cell.entries.first { $0.task == task && $0.scenario == nil }?.metric
            }.first
        }
    }

    /// One row for each task, metric and cell: mean, interval, and the differences to both baselines.
    ///
    /// - Parameter scenarios: whether to show scenarios rather than all rows.
    /// - Returns: a table for a terminal or a Markdown page.
    public func details(scenarios: Bool = false) -> TextTable {
        var table = TextTable(
            ["task"] + (scenarios ? ["scenario"] : []) + [
                "metric", "cell", "mean", "95 % interval", "- single task", "95 % interval", "p",
                "",
                "- tuned weights", "95 % interval", "p", "",
            ],
            alignments: (scenarios ? [.left, .left] : [.left]) + [
                .left, .left, .right, .right, .right, .right, .right, .left, .right, .right, .right,
                .left,
            ]
        )
        for (index, key) in keys(scenarios: scenarios).enumerated() {
            if index > 0 { table.addRule() }
            for cell in cells {
                guard let entry = cell.entries.first(where: { Self.isSame($0, key) }) else {
                    continue
                }
                let digits = Self.digits(entry)
                table.addRow(
                    [entry.task] + (scenarios ? [entry.scenario ?? ""] : []) + [
                        Metric(name: entry.metric)?.title ?? entry.metric, cell.name,
                        entry.mean.value.map { NumberText.fixed($0, digits: digits) }
                            ?? "undefined",
                        entry.mean.interval?.text(digits: digits) ?? "-",
                    ] + Self.cells(entry.againstSingleTask, digits)
                        + Self.cells(entry.againstTuned, digits)
                )
            }
        }
        return table
    }

    /// An entry for each task, metric and scenario that any cell has, task by task.
    func keys(scenarios: Bool) -> [Entry] {
        var keys: [Entry] = []
        for entry in cells.flatMap(\.entries) where (entry.scenario != nil) == scenarios {
            if !keys.contains(where: { Self.isSame($0, entry) }) { keys.append(entry) }
        }
        let order = Dictionary(uniqueKeysWithValues: tasks.enumerated().map { ($1, $0) })
        let places = keys.map { order[$0.task] ?? 0 }
        return keys.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { keys[$0] }
    }

    static func isSame(_ left: Entry, _ right: Entry) -> Bool {
        left.task == right.task && left.scenario == right.scenario && left.metric == right.metric
    }

    private static func cells(_ difference: Difference?, _ digits: Int) -> [String] {
        guard let difference else { return ["-", "-", "-", ""] }
        let value = difference.value.map {
            ($0 < 0 ? "" : "+") + NumberText.fixed($0, digits: digits)
        }
        let verdict = difference.isBetter.map { $0 ? "better" : "worse" }
        return [
            value ?? "-", difference.interval?.text(digits: digits) ?? "-",
            difference.pValue.map { NumberText.fixed($0, digits: 3) } ?? "-",
            verdict ?? (difference.interval == nil ? "" : "not clear"),
        ]
    }

    /// Four decimals, or as many as show two digits of the differences and their intervals.
    static func digits(_ entry: Entry) -> Int {
        let needed = [entry.againstSingleTask, entry.againstTuned].compactMap {
            difference -> Int? in
            let interval = difference?.interval
            let ends = [difference?.value, interval?.lower, interval?.upper]
            let size = ends.compactMap { $0.map(abs) }.max() ?? 0
            return size > 0 && size.isFinite ? Int((1 - log10(size)).rounded(.up)) : nil
        }
        return min(max(4, needed.max() ?? 4), 9)
    }

    private static func percent(_ share: Double) -> String {
        (share < 0 ? "" : "+") + NumberText.fixed(share * 100, digits: 2) + " %"
    }

    /// The trials of the search for weights.
    public func trials() -> TextTable? {
        guard let search else { return nil }
        var table = TextTable(["trial"] + tasks + [search.criterion, ""], alignments: [.right])
        for (index, trial) in search.trials.enumerated() {
            let isChosen = search.chosen == index + 1
            table.addRow(
                ["\(index + 1)"] + trial.weights.map { NumberText.fixed($0, digits: 3) } + [
                    trial.score.map { NumberText.fixed($0, digits: 4) } ?? "-",
                    isChosen ? "chosen" : trial.run.state == .finished ? "" : trial.run.stateText,
                ]
            )
        }
        return table
    }

    /// Runs that are not finished, one line each.
    public func unfinished() -> [String] {
        runs.filter { $0.state != .finished }.map { run in
            "\(run.path): \(run.stateText)" + (run.reason.map { ", \($0)" } ?? "")
        }
    }

    /// The parts of the report in their order: a heading, then text or a table.
    private func sections() -> [(title: String, text: [String], table: TextTable?)] {
        var sections: [(title: String, text: [String], table: TextTable?)] = []
        let seeds = seeds.map { "\($0)" }.joined(separator: ", ")
        sections.append(
            (
                "\(name): \(rows) \(part) rows, seeds \(seeds)",
                [], summary()
            )
        )
        let unfinished = unfinished()
        if !unfinished.isEmpty { sections.append(("Not finished", unfinished, nil)) }
        if cells.contains(where: { !$0.entries.isEmpty }) {
            sections.append(("By task and metric", [], details()))
        }
        if let search, let trials = trials() {
            sections.append(
                (
                    "Searched weights (\(search.kind), of \(search.cell), on validation rows)",
                    [], trials
                )
            )
        }
        if let selection {
            let rows =
                selection.test == nil
                ? "There are no test rows." : "It was measured on the test rows, once:"
            sections.append(
                (
                    "Chosen by \(selection.criterion) on validation rows",
                    [
                        "\(selection.cell), seed \(selection.seed): \(selection.path), copied to best. "
                            + rows
                    ],
                    selection.test?.grouped(by: .task).table()
                )
            )
            for (other, comparison) in [
                ("single task", selection.againstSingleTask),
                ("tuned weights", selection.againstTuned),
            ] {
                guard let comparison else { continue }
                let all = comparison.onAllRows
                let title = "Chosen run beside \(other) of the same seed, test rows"
                sections.append((title, [], all.table(first: "chosen", second: other)))
            }
        }
        return sections
    }

    /// The report for a terminal.
    public func plain() -> String {
        sections().map { section in
            ([section.title + ":", ""] + section.text).joined(separator: "\n")
                + (section.table.map { (section.text.isEmpty ? "" : "\n\n") + $0.plain() } ?? "\n")
        }
        .joined(separator: "\n")
    }

    /// The report as a Markdown page, scenarios included.
    public func markdown() -> String {
        var parts = sections().enumerated().map { index, section in
            ([(index == 0 ? "# " : "## ") + section.title, ""] + section.text.map { "- " + $0 })
                .joined(separator: "\n")
                + (section.table.map { (section.text.isEmpty ? "" : "\n\n") + $0.markdown() }
                    ?? "\n")
        }
        if cells.contains(where: { $0.entries.contains { $0.scenario != nil } }) {
            parts.append("## By scenario\n\n" + details(scenarios: true).markdown())
        }
        return parts.joined(separator: "\n")
    }
}

extension ComparisonReport.Run {
    /// The state in words.
    var stateText: String {
        switch state {
        case .finished: "finished"
        case .failed: "failed"
        case .notStarted: "not started"
        case .stopped: "stopped"
        case .pending: "to be done"
        }
    }
}
