import Foundation
import MotetMetrics
import MotetReports

extension RunPage {
    /// The metrics of the test rows, or else of the validation rows: by scenario as a map, then all of them.
    var metricBlocks: [ReportBlock] {
        guard let (part, report) = metrics.best else {
            return [.paragraph("There are no validation or test rows.")]
        }
        var blocks: [ReportBlock] = []
        if let map = Self.scenarioMap(report, part, metrics.scenarios) {
            blocks.append(.plots([map]))
        }
        // A page of many scenarios stays small; what it leaves out is in the file.
        let isLarge = report.entries.count > Self.entryLimit
        blocks += Self.blocks(
            of: isLarge ? report.grouped(by: .task) : report,
            "Metrics on \(part) rows" + (isLarge ? ", all scenarios" : ""),
            source: "metrics.json",
            at: "/\(part)",
            in: report
        )
        if isLarge {
            let count = report.entries.count
            blocks.append(.paragraph("All \(count) metrics by scenario stand in `metrics.json`."))
        }
        if part == "test", let validation = metrics.validation {
            let all = validation.grouped(by: .task)
            blocks += Self.blocks(
                of: all,
                "Metrics on validation rows, all scenarios",
                source: "metrics.json",
                at: "/validation",
                in: validation
            )
        }
        return blocks
    }

    /// A table of metrics with intervals, and why some have no value.
    ///
    /// - Parameters:
    ///   - report: the entries to show.
    ///   - caption: what they are.
    ///   - source: the JSON file.
    ///   - pointer: the place of the report there.
    ///   - whole: the report there, where the entries shown are some of its; nil where they are all.
    /// - Returns: a table, and a list where there is something to say.
    static func blocks(
        of report: MetricReport,
        _ caption: String,
        source: String,
        at pointer: String,
        in whole: MetricReport? = nil
    ) -> [ReportBlock] {
        let level = report.entries.compactMap(\.estimate.interval?.level).first
        let interval = level.map { "\(Int(($0 * 100).rounded())) % interval" } ?? "interval"
        var table = ReportTable(
            caption,
            source: source,
            columns: [
                .text("task"), .text("scenario"), .text("metric"), .init("value"),
                .init(interval), .init("rows"),
            ]
        )
        let all = (whole ?? report).entries
        var last: String?
        for entry in report.entries {
            guard let place = all.firstIndex(of: entry) else { continue }
            let estimate = entry.estimate
            var scenario = ReportCell.text("(all)", .muted)
            if let name = entry.scenario { scenario = .name(name, from: "scenario") }
            var value = ReportCell.text("undefined", .muted)
            if let number = estimate.value.value {
                value = .number(number, digits: 4, from: "estimate/value/value")
            }
            table.rows.append(
                .init(
                    [
                        .name(entry.task, from: "task"), scenario,
                        .text(Metric(name: entry.metric)?.title ?? entry.metric), value,
                        .interval(
                            estimate.interval?.lower,
                            estimate.interval?.upper,
                            from: "estimate/interval"
                        ) { ReportNumber.fixed($0, digits: 4) },
                        .count(estimate.value.rows, from: "estimate/value/rows"),
                    ],
                    at: "\(pointer)/entries/\(place)",
                    beginsGroup: last.map { $0 != entry.task } ?? false
                )
            )
            last = entry.task
        }
        let remarks = report.remarks()
        let shown = remarks.prefix(12).map { $0 + "." }
        let more = remarks.count > 12 ? ["\(remarks.count - 12) more have no value."] : []
        return [.table(table)] + (remarks.isEmpty ? [] : [.list(shown + more)])
    }

    /// The first metric of each task in each scenario, beside that on all rows.
    static func scenarioMap(
        _ report: MetricReport,
        _ part: String,
        _ scenarios: [String]
    ) -> HeatMap? {
        guard !scenarios.isEmpty else { return nil }
        var firsts: [MetricReport.Entry] = []
        for entry in report.entries
        where entry.scenario == nil && !firsts.contains(where: { $0.task == entry.task }) {
            firsts.append(entry)
        }
        /// How much better than on all rows, as a share; above 0 is better.
        func gain(_ entry: MetricReport.Entry, over all: MetricReport.Entry) -> Double? {
            guard let goal = Metric(name: entry.metric)?.goal,
                let value = entry.estimate.value.value, let whole = all.estimate.value.value,
                whole != 0
            else { return nil }
            return (goal.badness(of: whole) - goal.badness(of: value)) / abs(whole)
        }
        let rows = firsts.map { all in
            [all]
                + scenarios.compactMap { name in
                    report.entries.first {
                        $0.task == all.task && $0.metric == all.metric && $0.scenario == name
                    }
                }
        }
        guard rows.allSatisfy({ $0.count == scenarios.count + 1 }) else { return nil }
        let gains = zip(firsts, rows).map { all, row in row.map { gain($0, over: all) } }
        let reach = max(0.02, gains.flatMap { $0.compactMap { $0.map(abs) } }.max() ?? 0)
        let cells = zip(rows, gains).map { row, gains in
            zip(row, gains).map { entry, gain -> HeatMap.Cell in
                guard let value = entry.estimate.value.value,
                    let place = report.entries.firstIndex(of: entry)
                else { return .missing }
                return HeatMap.Cell(
                    ReportNumber.fixed(value, digits: 3),
                    shade: gain.map { $0 / reach },
                    value: value,
                    from: "/\(part)/entries/\(place)/estimate/value/value"
                )
            }
        }
        let percent = ReportNumber.fixed(100 * reach, digits: 1) + " %"
        return HeatMap(
            "By task and scenario, \(part) rows",
            rows: firsts.map { "\($0.task) \(Metric(name: $0.metric)?.title ?? $0.metric)" },
            columns: ["all rows"] + scenarios,
            cells: cells,
            ramp: .init(
                low: "\(percent) worse",
                middle: "as on all rows",
                high: "\(percent) better"
            ),
            source: "metrics.json",
            remark:
                "Colours compare a scenario with all rows of its task; a scenario may be harder by itself."
        )
    }

    /// A diagram of each task that predicts probabilities.
    var calibrationBlocks: [ReportBlock] {
        let curves = metrics.reliability ?? []
        guard !curves.isEmpty else { return [] }
        let part = metrics.best?.part ?? "validation"
        let plots = curves.map { curve -> any Plot in
            ReliabilityPlot("\(curve.task): predicted and observed", measured: curve.bins)
        }
        return [
            .paragraph(
                "On \(part) rows, in ten bins of equal numbers of rows. Points on the dashed line come "
                    + "true; points below it promise too much. Intervals are Wilson's at 95 %."
            ),
            .plots(plots),
        ] + calibrationEffects
    }
}
