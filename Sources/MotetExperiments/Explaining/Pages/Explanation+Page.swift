import MotetMetrics
import MotetReports
import MotetTraining

extension Explanation {
    /// The file the numbers of the page come from.
    static let source = "explanation.json"

    /// The whole explanation as one HTML file with plots.
    ///
    /// - Returns: an HTML document in UTF-8.
    public func html() -> String { page.html() }

    var page: ReportPage {
        var sections = [recommendationsOnPage]
        if let conflicts { sections.append(onPage(conflicts)) }
        for (number, transfer) in transfer.enumerated() {
            sections.append(onPage(number, transfer))
        }
        for (number, layer) in experts.enumerated() { sections.append(onPage(number, layer)) }
        sections += [balanceOnPage, calibrationOnPage, importanceOnPage, notesOnPage]
        return ReportPage(
            title: run,
            lead:
                "What training \(tasks.joined(separator: ", ")) together did: \(architecture), on \(rows) "
                + "\(part) rows.",
            sections: sections,
            footer:
                "Motet \(MotetVersion.current), `motet explain`; the figures are those of `\(Self.source)`."
        )
    }

    private var recommendationsOnPage: ReportSection {
        ReportSection(
            "What to try",
            recommendations.isEmpty
                ? [.paragraph("Nothing measured crosses a threshold of docs/explain.md.")]
                : [.steps(recommendations.map(\.sentence))]
        )
    }

    private var notesOnPage: ReportSection {
        ReportSection("Notes", notes.isEmpty ? [] : [.list(notes)])
    }

    private var balanceOnPage: ReportSection {
        let rows = balance.enumerated().map { place, task in
            ReportTable.Row(
                [
                    .name(task.task), .number(task.weight, digits: 3, from: "weight"),
                    .number(task.firstLoss, digits: 4, from: "first_loss"),
                    .number(task.lastLoss, digits: 4, from: "last_loss"),
                    .percent(task.lossShare, digits: 0, from: "loss_share"),
                    .number(task.norm, digits: 4, from: "norm"),
                    .number(task.normRatio, digits: 1, from: "norm_ratio"),
                ],
                at: "/balance/\(place)"
            )
        }
        let table = ReportTable(
            "Training losses, their weighted share at the end, and the mean length of each task's gradient in what is shared",
            source: Self.source,
            columns: [
                .text("task"), .init("weight"), .init("first loss"), .init("last loss"),
                .init("share"),
                .init("gradient"), .init("ratio"),
            ],
            rows: rows
        )
        return ReportSection("Losses and gradients", balance.count > 1 ? [.table(table)] : [])
    }

    private var calibrationOnPage: ReportSection {
        guard !calibration.isEmpty else { return ReportSection("Calibration", []) }
        let plots = calibration.filter { !$0.bins.isEmpty }.map {
            ReliabilityPlot($0.task, measured: $0.bins)
        }
        var last: String?
        let rows = calibration.enumerated().map { place, entry in
            defer { last = entry.task }
            return ReportTable.Row(
                [
                    .name(entry.task), .scenario(entry.scenario),
                    .number(entry.ratio.value.value, digits: 3, from: "ratio/value/value"),
                    .interval(entry.ratio.interval, digits: 3, from: "ratio/interval"),
                    .number(entry.error?.value.value, digits: 4, from: "error/value/value"),
                    .interval(entry.error?.interval, digits: 4, from: "error/interval"),
                    .count(entry.ratio.value.rows, from: "ratio/value/rows"),
                ],
                at: "/calibration/\(place)",
                beginsGroup: last != nil && last != entry.task
            )
        }
        let table = ReportTable(
            "The sum of predictions over that of labels, and the expected calibration error",
            source: Self.source,
            columns: [
                .text("task"), .text("scenario"), .init("predicted/observed"),
                .init("95 % interval"),
                .init("ECE"), .init("95 % interval"), .init("rows"),
            ],
            rows: rows
        )
        var blocks: [ReportBlock] = []
        if !plots.isEmpty { blocks.append(.plots(plots)) }
        blocks.append(.table(table))
        return ReportSection("Calibration", blocks)
    }

    private var importanceOnPage: ReportSection {
        guard !importance.isEmpty else { return ReportSection("What features count for", []) }
        var names: [String] = []
        for task in importance.flatMap(\.tasks) where !names.contains(task.task) {
            names.append(task.task)
        }
        func task(_ name: String, _ feature: FeatureImportance) -> FeatureImportance.Task? {
            feature.tasks.first { $0.task == name }
        }
        let shown = importance.prefix(20)
        let series = names.map { name in
            BarPlot.Series(
                name,
                shown.map { task(name, $0)?.mean },
                intervals: shown.map { feature in
                    task(name, feature).map {
                        ($0.mean - $0.deviation)...($0.mean + $0.deviation)
                    }
                }
            )
        }
        let plot = BarPlot(
            "Loss of each task's first metric",
            x: "mean loss when permuted, with one standard deviation",
            rows: shown.map(\.feature),
            series
        )
        let rows = importance.map { feature in
            ReportTable.Row(
                [.name(feature.feature)]
                    + names.flatMap { name -> [ReportCell] in
                        let found = task(name, feature)
                        return [
                            .number(found?.mean, digits: 4, isSigned: true),
                            .number(found?.deviation, digits: 4),
                        ]
                    }
            )
        }
        let table = ReportTable(
            "How much worse each task's first metric gets when a feature's values go to other rows",
            columns: [.text("feature")] + names.flatMap { [.init($0), .init("deviation")] },
            rows: rows
        )
        return ReportSection("What features count for", [.plots([plot]), .table(table)])
    }
}

extension ReportCell {
    /// A scenario by its name, which may be a number, or all rows.
    static func scenario(_ name: String?) -> ReportCell {
        name.map { ReportCell.name($0, from: "scenario") } ?? .text("(all)")
    }

    /// The ends of an interval with so many decimals; a dash where there is none.
    static func interval(
        _ interval: ConfidenceInterval?,
        digits: Int,
        from pointer: String
    ) -> ReportCell {
        .interval(interval?.lower, interval?.upper, from: pointer) {
            ReportNumber.fixed($0, digits: digits)
        }
    }
}
