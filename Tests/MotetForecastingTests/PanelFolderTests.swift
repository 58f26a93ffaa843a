import Foundation
import MotetData
import MotetForecasting
import MotetTestSupport
import Testing

@Suite("Folders of panels") struct PanelFolderTests {
    private struct Made {
        let shop: PanelShop
        let path: String
        let panel: SalesPanel
        let counts: [Int]
    }

    private func make(
        _ keys: String = PanelShop.keys,
        plans: PlannedPrices = PlannedPrices()
    ) throws -> Made {
        let shop = try PanelShop()
        let settings = try shop.settings(keys)
        let log = try shop.log(PanelShop.weeks(), settings)
        let panel = try SalesPanel(log.lines, period: .week, first: log.first, last: log.last)
        let path = shop.folder.path + "/panel"
        let counts = try PanelFolder.write(path, log.lines, panel, settings, plans: plans)
        return Made(shop: shop, path: path, panel: panel, counts: counts)
    }

    /// The columns of a part: texts, and numbers.
    private func table(
        _ path: String,
        _ part: String,
        _ names: [String]
    ) throws -> (texts: [[String]], numbers: [[Double]]) {
        let reader = try TableReader(
            TableSource("\(path)/\(part).parquet"),
            columns: (["origin", "target", "series"] + names).map { ColumnRequest($0) }
        )
        var texts: [[String]] = [[], [], []]
        var numbers: [[Double]] = names.map { _ in [] }
        while let batch = try reader.next() {
            for (index, column) in batch.columns.enumerated() {
                if index < 3 {
                    texts[index] += (0..<batch.rowCount).map { column.text(at: $0) ?? "" }
                } else {
                    var values = [Double](repeating: 0, count: batch.rowCount)
                    values.withUnsafeMutableBufferPointer { column.copyDoubles(into: $0) }
                    numbers[index - 3] += values
                }
            }
        }
        return (texts, numbers)
    }

    @Test func theHistoryReadsBackEqual() throws {
        let made = try make()
        let (panel, manifest) = try PanelFolder.read(made.path)
        #expect(panel.series == made.panel.series)
        #expect(manifest.horizon == 3)
        #expect(panel.count == 20)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: made.shop.folder.path).sorted() == [
                "log.csv", "panel", "panel.yaml",
            ]
        )
    }

    @Test func noRowLearnsFromWhatIsForecastLater() throws {
        let made = try make()
        // 20 weeks: 13 to learn from, 3 of validation, 4 of test.
        let starts = (0..<21).map { made.panel.start($0).description }
        for (part, name) in PanelFolder.parts.enumerated() {
            let (texts, numbers) = try table(made.path, name, ["horizon"])
            #expect(texts[0].count == made.counts[part])
            let origins = try texts[0].map { try #require(starts.firstIndex(of: $0)) }
            let targets = try texts[1].map { try #require(starts.firstIndex(of: $0)) }
            for row in origins.indices {
                #expect(numbers[0][row] == Double(targets[row] - origins[row]))
            }
            // 6 series: everything, two categories, three items, all sold in the first week.
            let firsts = [3...11, 12...14, 15...18]
            let lasts = [4...12, 13...15, 16...19]
            let counts = [6 * 24, 6 * 6, 6 * 9]
            #expect(Set(origins) == Set(firsts[part]), "\(name)")
            #expect(targets.allSatisfy { lasts[part].contains($0) }, "\(name)")
            #expect(texts[0].count == counts[part], "\(name)")
        }
    }

    @Test func labelsAreWhatWasSold() throws {
        let made = try make()
        let starts = (0..<20).map { made.panel.start($0).description }
        for name in PanelFolder.parts {
            let (texts, numbers) = try table(
                made.path,
                name,
                ["units", "demand", "scale", "weight", "naive"]
            )
            for row in texts[0].indices {
                let place = try #require(starts.firstIndex(of: texts[1][row]))
                let series = try #require(
                    made.panel.series.first { "\($0.level.rawValue):\($0.name)" == texts[2][row] }
                )
                let units = try #require(series[place]?.units)
                #expect(numbers[0][row] == units)
                #expect(abs(numbers[1][row] * numbers[2][row] - units) < 1e-5 * (1 + units))
                #expect(numbers[3][row] > 0)
                let origin = try #require(starts.firstIndex(of: texts[0][row]))
                #expect(numbers[4][row] == series[origin]?.units)
            }
        }
    }

    @Test func originsMayBeThinnedOut() throws {
        let made = try make(PanelShop.keys + "  every: 4\n")
        let (texts, _) = try table(made.path, "training", ["horizon"])
        #expect(Set(texts[0]).count == 3)
        // The freshest origin is always there.
        #expect(texts[0].contains(made.panel.start(11).description))
    }

    @Test func aPriceIsPlannedFromItsAnnouncementOn() throws {
        var plans = PlannedPrices()
        // Announced on Sunday of the week before the origin 14, and changed on Monday of the week after it.
        func week(_ number: Int) -> Int { 19_723 + 7 * number }
        let expected = 51.0 / 7
        try plans.add("a", price: 9, from: week(16), until: week(16) + 6, announced: week(14) - 1)
        try plans.add("a", price: 5, from: week(16), until: week(16) + 2, announced: week(16))
        let days = week(16)...week(16) + 6
        #expect(plans.price("a", days: days, known: week(14) - 2) == nil)
        #expect(plans.price("a", days: days, known: week(14) - 1) == 9)
        #expect(plans.price("a", days: days, known: week(16)) == expected)
        #expect(plans.price("b", days: days, known: week(16)) == nil)
        let made = try make(plans: plans)
        let (texts, numbers) = try table(made.path, "test", ["price", "price_planned"])
        let target = made.panel.start(16).description
        for row in texts[0].indices {
            let isPlanned = texts[2][row] == "item:a" && texts[1][row] == target
            #expect(numbers[1][row] == (isPlanned ? 1 : 0))
            if isPlanned { #expect(numbers[0][row] == 9) }
        }
        #expect(throws: ForecastError.self) {
            try plans.add("a", price: -1, from: 0, until: 1, announced: 0)
        }
        #expect(throws: ForecastError.self) {
            try plans.add("a", price: 1, from: 1, until: 0, announced: 0)
        }
    }

    @Test func plansAreReadWithTheirAnnouncements() throws {
        let shop = try PanelShop()
        try shop.folder.write(
            "plans.csv",
            "item,price,from,until,known\na,3,2024-02-05,2024-02-11,2024-01-20\n"
        )
        let settings = try shop.settings(
            PanelShop.keys + "  planned_prices: { files: plans.csv, announced: known }\n"
        )
        let plans = try PlannedPrices(try #require(settings.plans))
        #expect(plans.price("a", days: 19_758...19_764, known: 19_742) == 3)
        #expect(plans.price("a", days: 19_758...19_764, known: 19_741) == nil)
        try shop.folder.write(
            "plans.csv",
            "item,price,from,until,known\na,3,2024-02-05,2024-02-11,2024-01-20\na,3,2024-02-05,2024-02-11,\n"
        )
        let error = #expect(throws: ForecastError.self) {
            try PlannedPrices(try #require(settings.plans))
        }
        #expect(error?.description.contains("plans.csv:3") == true)
    }

    @Test func aFolderOfSomethingElseStays() throws {
        let made = try make()
        let settings = try made.shop.settings()
        let log = try made.shop.log(PanelShop.weeks(), settings)
        try made.shop.folder.write("other/mine.txt", "mine")
        let other = made.shop.folder.path + "/other"
        let error = #expect(throws: ForecastError.self) {
            try PanelFolder.write(other, log.lines, made.panel, settings)
        }
        #expect(error?.code == .panelFile)
        #expect(try FileManager.default.contentsOfDirectory(atPath: other) == ["mine.txt"])
        // A panel is replaced whole.
        try made.shop.folder.write("panel/old.txt", "old")
        try PanelFolder.write(made.path, log.lines, made.panel, settings)
        #expect(try FileManager.default.contentsOfDirectory(atPath: made.path).count == 5)
    }

    @Test func whatCannotBeWrittenLeavesWhatWasThere() throws {
        let made = try make()
        let before = try FileManager.default.contentsOfDirectory(atPath: made.shop.folder.path)
            .sorted()
        let settings = try made.shop.settings(
            PanelShop.keys.replacing("history: 4", with: "history: 13")
        )
        let log = try made.shop.log(PanelShop.weeks(), settings)
        let error = #expect(throws: ForecastError.self) {
            try PanelFolder.write(made.path, log.lines, made.panel, settings)
        }
        #expect(error?.description.contains("received 20") == true, "\(error?.description ?? "")")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: made.shop.folder.path).sorted()
                == before
        )
        #expect(try PanelFolder.read(made.path).panel.count == 20)
    }

    @Test(arguments: ["panel.json", "history.parquet"])
    func aDamagedFolderIsRefused(file: String) throws {
        let made = try make()
        try made.shop.folder.write("panel/" + file, "{}")
        #expect(throws: (any Error).self) { try PanelFolder.read(made.path) }
        #expect(throws: ForecastError.self) { try PanelFolder.read(made.shop.folder.path) }
    }
}
