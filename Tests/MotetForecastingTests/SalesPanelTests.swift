import MotetCore
import MotetForecasting
import Testing

@Suite("Sales panel") struct SalesPanelTests {
    @Test(arguments: RandomKey.seeds(6))
    func categoriesAndTotalAreExactSums(key: RandomKey) throws {
        let lines = try PanelCases.lines(items: 17, periods: 23, first: 100, key: key)
        let panel = try SalesPanel(lines, period: .week, first: 100, last: 125)
        #expect(panel.count == 26)
        for place in 0..<panel.count {
            func sum(_ series: [SalesSeries]) -> Int64 {
                series.reduce(0) { $0 + ($1[place]?.thousandths ?? 0) }
            }
            let own = lines.filter { $0.period == 100 + place }
            #expect(sum(panel.items) == own.reduce(0) { $0 + $1.units.thousandths })
            #expect(sum(panel.categories) == sum(panel.items))
            #expect(panel.total[place]?.thousandths ?? 0 == sum(panel.items))
            for category in panel.categories {
                let members = own.filter { $0.category == category.name }
                #expect(
                    category[place]?.thousandths ?? 0
                        == members.reduce(0) { $0 + $1.units.thousandths }
                )
            }
        }
    }

    @Test func gapsAreZerosAndTheSeriesGoesOnToTheEnd() throws {
        func line(_ period: Int, _ units: Double) -> SalesLine {
            SalesLine(item: "a", category: "c", period: period, units: UnitCount(units) ?? .zero)
        }
        let panel = try SalesPanel([line(7, 3), line(5, 2)], period: .day, first: 4, last: 9)
        let item = try #require(panel.items.first)
        #expect(item.first == 1)
        #expect((0..<7).map { item[$0]?.units } == [nil, 2, 0, 3, 0, 0, nil])
    }

    @Test func theCategoryIsTheOneOfItsTime() throws {
        func line(_ period: Int, _ category: String) -> SalesLine {
            SalesLine(item: "a", category: category, period: period, units: UnitCount(1) ?? .zero)
        }
        let panel = try SalesPanel([line(2, "y"), line(0, "x")], period: .day, first: 0, last: 3)
        let item = try #require(panel.items.first)
        let names = (0..<4).map { item.category(at: $0).map { panel.categories[$0].name } }
        #expect(names == ["x", "x", "y", "y"])
        #expect(item.category(at: -1) == nil)
    }

    @Test func thePriceIsTheMeanOfWhatWasSoldElseTheLast() throws {
        func line(_ item: String, _ period: Int, _ units: Double, _ price: Double?) -> SalesLine {
            SalesLine(
                item: item,
                category: "c",
                period: period,
                units: UnitCount(units) ?? .zero,
                price: price
            )
        }
        let panel = try SalesPanel(
            [line("a", 0, 1, nil), line("a", 1, 2, 4), line("a", 3, 1, 7), line("b", 1, 6, 8)],
            period: .day,
            first: 0,
            last: 3
        )
        #expect((0..<4).map { panel.items[0].price(at: $0) } == [nil, 4, 4, 7])
        #expect((0..<4).map { panel.total.price(at: $0) } == [nil, 7, 7, 7])
        #expect(panel.items[0].price(at: 99) == nil)
    }

    @Test func whatMakesNoPanelIsRefused() throws {
        let line = SalesLine(item: "a", category: "c", period: 3, units: UnitCount(1) ?? .zero)
        var below = line
        below.units = UnitCount(thousandths: -1)
        var cheap = line
        cheap.price = -1
        var other = line
        other.category = "d"
        let cases: [([SalesLine], Int, Int, String)] = [
            ([], 0, 5, "nothing to build"), ([line], 5, 4, "nothing to build"),
            ([line], 0, 2, "out of the periods"), ([line], 4, 9, "out of the periods"),
            ([line], 0, 99_999, "nothing to build"), ([below], 0, 5, "below 0"),
            ([cheap], 0, 5, "below 0"), ([line, other], 0, 5, "two lines"),
        ]
        for (lines, first, last, part) in cases {
            let error = #expect(throws: ForecastError.self) {
                try SalesPanel(lines, period: .week, first: first, last: last)
            }
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        }
    }

    @Test func sumsThatAreTooGreatAreRefused() throws {
        let lines = ["a", "b"].map {
            SalesLine(
                item: $0,
                category: "c",
                period: 0,
                units: UnitCount(thousandths: .max / 2 + 1)
            )
        }
        let error = #expect(throws: ForecastError.self) {
            try SalesPanel(lines, period: .day, first: 0, last: 0)
        }
        #expect(error?.code == .forecastOverflow)
    }

    @Test func unitsRoundToThousandths() {
        #expect(UnitCount(0.1234)?.thousandths == 123)
        #expect(UnitCount(-2.0006)?.thousandths == -2_001)
        #expect(UnitCount(.nan) == nil)
        #expect(UnitCount(.infinity) == nil)
        #expect(UnitCount(1.1e12) == nil)
    }
}
