import MotetMetrics
import MotetReports

extension RunPage {
    /// What decisions by each task's probability would have cost, for the tasks that name costs.
    var costBlocks: [ReportBlock] {
        let curves = metrics.costs ?? []
        guard !curves.isEmpty else { return [] }
        let part = metrics.best?.part ?? "validation"
        return [
            .paragraph(
                "The mean cost of a row on the \(part) rows: where everything is let through or refused; at the best "
                    + "thresholds of these very rows, which flatter; at those of the formula, which are right where "
                    + "probabilities come true; and at those that were best on the validation rows. From the first threshold on "
                    + "rows are looked at, from the second on refused."
            ),
            .table(costTable(curves)),
            .plots(curves.map { Self.costPlot($0) }),
        ]
    }

    private func costTable(_ curves: [CostCurve]) -> ReportTable {
        var table = ReportTable(
            "Costs of decisions",
            source: "metrics.json",
            columns: [
                .text("task"), .text("decision"), .init("looked at from"), .init("refused from"),
                .init("cost of a row"),
            ]
        )
        for (place, curve) in curves.enumerated() {
            func row(_ name: String, _ cost: Double, from pointer: String) {
                let cells: [ReportCell] = [
                    .name(curve.task, from: "task"), .text(name), .text("–", .muted),
                    .text("–", .muted), .number(cost, digits: 4, from: pointer),
                ]
                table.rows.append(
                    .init(
                        cells,
                        at: "/costs/\(place)",
                        beginsGroup: place > 0 && pointer == "passing_all"
                    )
                )
            }
            row("everything let through", curve.passingAll, from: "passing_all")
            row("everything refused", curve.refusingAll, from: "refusing_all")
            let bands: [(String, String, CostCurve.Band?)] = [
                ("best of these rows", "best", curve.best), ("formula", "formula", curve.formula),
                ("best of the validation rows", "chosen", curve.chosen),
            ]
            for (name, key, band) in bands {
                guard let band else { continue }
                func threshold(_ value: Double?, _ end: String) -> ReportCell {
                    guard let value else { return .text("never", .muted) }
                    return .number(value, digits: 4, from: "\(key)/\(end)")
                }
                let cells: [ReportCell] = [
                    .name(curve.task, from: "task"), .text(name), threshold(band.review, "review"),
                    threshold(band.refuse, "refuse"),
                    .number(band.cost, digits: 4, from: "\(key)/cost"),
                ]
                table.rows.append(.init(cells, at: "/costs/\(place)"))
            }
        }
        return table
    }

    private static func costPlot(_ curve: CostCurve) -> LinePlot {
        var plot = LinePlot(
            "\(curve.task): cost by threshold",
            x: "threshold",
            y: "cost of a row",
            [.init("let through or refused", curve.points.map { .init($0.threshold, $0.cost) })],
            remark:
                "Rows with a probability from the threshold on are refused, others let through; the level line is the "
                + "best cost, with rows that are looked at where a review has a cost."
        )
        plot.level = curve.best.cost
        if let refuse = curve.best.refuse { plot.rules = [.init(at: min(refuse, 1), "best")] }
        return plot
    }
}
