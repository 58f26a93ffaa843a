import ArgumentParser
import Foundation
import Motet

/// `motet data panel`.
struct DataPanelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "panel",
        abstract:
            "Make a panel of sales of a log: rows to learn demand from, and the history to forecast from.",
        discussion: """
            CONFIG says which columns of the log are what, how long a period is, how far ahead is forecast and which \
            periods are for validation and test; docs/serving/forecast.md has every key. The folder gets training, \
            validation and test.parquet, a row for each series, origin and period after it, and the history that \
            `motet serve` forecasts from (`forecast.history`). It is written whole or not at all.

              motet data panel log.csv --config panel.yaml --output data/panel
            """
    )

    @Argument(help: ArgumentHelp("The log: files, folders and patterns.", valueName: "log"))
    var log: [String]

    @Option(help: "What the panel is made of (YAML).")
    var config: String

    @Option(help: "The folder to write; a panel that is there is replaced.")
    var output: String

    func run() throws {
        let settings = try PanelSettings(contentsOf: URL(fileURLWithPath: config))
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        var log = PanelLog(settings, now: now)
        try log.add(TableSource(self.log))
        let (lines, first, last) = try log.finish()
        let panel = try SalesPanel(lines, period: settings.period, first: first, last: last)
        let offset = Int64((settings.offsetHours * 3_600_000).rounded())
        let plans = try settings.plans.map { try PlannedPrices($0, offset: offset) }
        let counts = try PanelFolder.write(
            output,
            lines,
            panel,
            settings,
            plans: plans ?? PlannedPrices()
        ) { done in
            TerminalOutput.standardError.write("\(done) rows\n")
        }
        let report = log.report
        print(
            "\(report.rows) rows: \(report.filtered) left out by filters, \(report.negative) with negative units, "
                + "\(report.invalid) passed over"
        )
        print(
            "\(panel.items.count) items in \(panel.categories.count) categories, \(panel.count) "
                + "\(settings.period.rawValue)s from \(panel.start(0)) to \(panel.start(panel.count).previous)"
        )
        for (part, count) in zip(PanelFolder.parts, counts) {
            print("\(output)/\(part).parquet: \(count) rows")
        }
    }
}

extension CalendarDay {
    /// The day before.
    fileprivate var previous: CalendarDay { CalendarDay(number - 1) }
}
