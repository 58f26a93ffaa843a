import Foundation
import MotetData
import MotetForecasting
import MotetTestSupport

/// A log and its settings in a folder of their own.
struct PanelShop {
    let folder: ScratchFolder
    /// The time now: 2024-07-01.
    static let now: Int64 = 1_719_792_000_000
    static let keys = """
        panel:
          period: week
          time: when
          item: sku
          category: kind
          units: n
          price: paid
          horizon: 3
          history: 4
          validation: 3
          test: 4

        """

    init() throws { folder = try ScratchFolder() }

    func settings(_ text: String = keys) throws -> PanelSettings {
        try PanelSettings(contentsOf: URL(fileURLWithPath: folder.write("panel.yaml", text)))
    }

    /// Adds up a log.
    func log(
        _ text: String,
        _ settings: PanelSettings
    ) throws -> (lines: [SalesLine], first: Int, last: Int, report: PanelLog.Report) {
        let file = try folder.write("log.csv", text)
        var log = PanelLog(settings, now: Self.now)
        try log.add(TableSource(file))
        let (lines, first, last) = try log.finish()
        return (lines, first, last, log.report)
    }

    /// Twenty whole weeks from Monday 2024-01-01, three items in two categories.
    static func weeks(_ count: Int = 20, header: Bool = true) -> String {
        var text = header ? "when,sku,kind,n,paid\n" : ""
        for day in 0..<count * 7 {
            let date = CalendarDay(19_723 + day)
            for (item, kind, step) in [("a", "x", 1), ("b", "x", 2), ("c", "y", 0)]
            where (day + step) % 3 != 0 {
                text += "\(date) 10:00:00,\(item),\(kind),\(1 + day % 4),\(2 + day % 5)\n"
            }
        }
        return text
    }
}
