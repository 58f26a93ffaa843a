import MotetMetrics
import MotetReports

extension RunPage {
    /// What calibration did, by task and scenario: a table where tasks are calibrated.
    var calibrationEffects: [ReportBlock] {
        guard let effects = metrics.calibration, !effects.isEmpty else { return [] }
        let part = metrics.best?.part ?? "validation"
        var last: String?
        let rows = effects.enumerated().map { place, effect in
            defer { last = effect.task }
            let learnt = effect.isOwn.map { $0 ? "its own" : "that of all rows" }
            return ReportTable.Row(
                [
                    .name(effect.task, from: "task"), .scenario(effect.scenario),
                    .text(
                        [effect.calibrator.rawValue, learnt].compactMap(\.self).joined(
                            separator: ", "
                        )
                    ),
                    .number(effect.before.ratio, digits: 3, from: "before/ratio"),
                    .number(effect.after.ratio, digits: 3, from: "after/ratio"),
                    .number(effect.before.error, digits: 4, from: "before/error"),
                    .number(effect.after.error, digits: 4, from: "after/error"),
                    .number(effect.before.logLoss, digits: 4, from: "before/log_loss"),
                    .number(effect.after.logLoss, digits: 4, from: "after/log_loss"),
                    .count(effect.rows, from: "rows"),
                ],
                at: "/calibration/\(place)",
                beginsGroup: last != nil && last != effect.task
            )
        }
        let table = ReportTable(
            "Before and after calibration on \(part) rows: predictions over labels, expected calibration error, log loss",
            source: "metrics.json",
            columns: [
                .text("task"), .text("scenario"), .text("calibrator"), .init("predicted/observed"),
                .init("after"), .init("ECE"), .init("after"), .init("log loss"), .init("after"),
                .init("rows"),
            ],
            rows: rows
        )
        return [
            .paragraph(
                "Calibrators were learnt from validation rows; everything else on this page is of calibrated predictions."
                    + (part == "validation"
                        ? " There are no test rows: these are the rows they were learnt from, so that figures flatter."
                        : "")
            ),
            .table(table),
        ]
    }
}
