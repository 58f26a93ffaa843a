import Foundation
import MotetCore
import MotetForecasting
import Testing

@Suite("Forecast rows") struct ForecastRowsTests {
    private func rows(_ panel: SalesPanel, origin: Int, horizons: ClosedRange<Int>) -> ForecastRows
    {
        var rows = ForecastRows(panel.period)
        for series in panel.series {
            rows.add(series, of: panel, origin: origin, horizons: horizons)
        }
        return rows
    }

    /// The rows by their series and horizon, whatever their order.
    private func named(_ rows: ForecastRows) -> [String: [String]] {
        var named: [String: [String]] = [:]
        for row in 0..<rows.count {
            let values = rows.texts.map { $0[row] } + rows.numbers.map { "\($0[row])" }
            named["\(rows.texts[1][row]) \(rows.numbers[0][row])"] = values
        }
        return named
    }

    @Test(arguments: SalesPeriod.allCases, RandomKey.seeds(4))
    func nothingAfterTheOriginIsRead(period: SalesPeriod, key: RandomKey) throws {
        let lines = try PanelCases.lines(items: 12, periods: 70, first: 2_100, key: key)
        let panel = try SalesPanel(lines, period: period, first: 2_100, last: 2_169)
        for origin in [0, 1, 5, 30, 52, 60, 69] {
            let known = lines.filter { $0.period <= 2_100 + origin }
            guard !known.isEmpty else { continue }
            // What a shop had at the origin, which had seen nothing later: no item, move or price of the future.
            let then = try SalesPanel(known, period: period, first: 2_100, last: 2_100 + origin)
            #expect(
                named(rows(panel, origin: origin, horizons: 1...9))
                    == named(rows(then, origin: origin, horizons: 1...9))
            )
        }
    }

    /// Rows that are made once and chosen are those that are made anew, with planned prices and without, bit for bit.
    @Test(arguments: SalesPeriod.allCases, RandomKey.seeds(3))
    func rowsMadeOnceAreThoseMadeAnew(period: SalesPeriod, key: RandomKey) throws {
        let lines = try PanelCases.lines(items: 30, periods: 70, first: 2_100, key: key)
        let panel = try SalesPanel(lines, period: period, first: 2_100, last: 2_169)
        var generator = key.split("chosen").generator()
        // At the earlier origin some items were not sold yet: they have no rows.
        for origin in [35, 69] {
            let once = OriginRows(panel.series, of: panel, origin: origin, horizon: 5)
            for _ in 0..<20 {
                let chosen = Array(panel.series.indices.shuffled(using: &generator).prefix(9))
                var plans: [Int: [Double?]] = [:]
                for place in chosen where Bool.random(using: &generator) {
                    plans[place] = (0..<5).map { _ in
                        Bool.random(using: &generator)
                            ? Double.random(in: 0...30, using: &generator) : nil
                    }
                }
                let own = once.rows(of: chosen) { plans[$0]?[$1 - 1] }
                var anew = ForecastRows(period)
                for place in chosen {
                    anew.add(panel.series[place], of: panel, origin: origin, horizons: 1...5) {
                        plans[place]?[$0 - origin - 1]
                    }
                }
                #expect(own.count == anew.count && own.scales == anew.scales)
                #expect(own.texts == anew.texts)
                #expect(own.numbers == anew.numbers)
            }
        }
    }

    @Test(arguments: SalesPeriod.allCases)
    func everyOriginOfAShortSeriesHasFiniteRows(period: SalesPeriod) throws {
        let panel = try PanelCases.panel([0, 3, 0, 2], period)
        for origin in -3...6 {
            let rows = rows(panel, origin: origin, horizons: 1...60)
            #expect(rows.count == ((0...3).contains(origin) ? 180 : 0))
            #expect(rows.numbers.allSatisfy { $0.count == rows.count && $0.allSatisfy(\.isFinite) })
            #expect(rows.texts.allSatisfy { $0.count == rows.count })
        }
    }

    @Test func valuesAreThoseOfTheirFormulas() throws {
        // 2_100 weeks after 1969-12-29 begins 2010-03-29.
        let panel = try PanelCases.panel([6, 0, 0, 3, 9, 0])
        var rows = ForecastRows(.week)
        rows.add(panel.items[0], of: panel, origin: 5, horizons: 2...2) { place in
            place == 7 ? 1 : nil
        }
        let columns = rows.columns
        #expect(rows.texts.map { $0[0] } == ["item", "item:a", "c", "1"])
        func value(_ name: String) throws -> Double {
            Double(rows.numbers[try #require(columns.numbers.firstIndex(of: name))][0])
        }
        let scale = 19.0 / 7
        func close(_ name: String, _ expected: Double) throws {
            let value = try value(name)
            // Rows are kept as Float.
            #expect(
                abs(value - expected) <= 1e-6 * max(1, abs(expected)),
                "\(name): \(value), \(expected)"
            )
        }
        try close("scale", scale)
        try close("horizon", 2)
        try close("age", 6)
        try close("since_sale", 1)
        for (lag, units) in [0.0, 9, 3, 0, 0, 6].enumerated() {
            try close("lag_\(lag)", units / scale)
        }
        try close("mean_2", 4.5 / scale)
        try close("mean_4", 3 / scale)
        try close("mean_26", 3 / scale)
        try close("deviation_2", 4.5 / scale)
        try close("zeros_4", 0.5)
        try close("zeros_13", 0.5)
        // No season before the target is there: an average period.
        try close("season_1", 3 / scale)
        try close("season_known", 0)
        try close("price", 1)
        try close("price_ratio", 0.5)
        try close("price_planned", 1)
        // The middle of the week of 2010-05-17 is Thursday, the 140th day of 365.
        let angle = 2 * Double.pi * 139 / 365
        try close("year_sin", sin(angle))
        try close("half_year_cos", cos(2 * angle))
    }

    @Test func seasonsAreWholeWeeksBeforeTheTarget() throws {
        let panel = try PanelCases.panel((0..<40).map(Double.init), .day)
        var rows = ForecastRows(.day)
        rows.add(panel.items[0], of: panel, origin: 39, horizons: 1...14)
        let scale = (Array(12..<40).reduce(0, +) + 1)
        let average = Double(scale) / 29
        for row in 0..<14 {
            let target = 40 + row
            // The latest day that is known, and as many weeks before.
            let latest = row < 7 ? target - 7 : target - 14
            for season in 1...4 {
                let column = try #require(rows.columns.numbers.firstIndex(of: "season_\(season)"))
                let value = Double(rows.numbers[column][row]) * average
                #expect(abs(value - Double(latest - 7 * (season - 1))) < 1e-4, "\(row) \(season)")
            }
        }
    }
}
