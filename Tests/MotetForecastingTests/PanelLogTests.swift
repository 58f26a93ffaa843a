import MotetConfiguration
import MotetForecasting
import Testing

@Suite("Logs of panels") struct PanelLogTests {
    @Test func weeksThatTheLogDoesNotCoverAreNone() throws {
        let shop = try PanelShop()
        // Wednesday to Tuesday: one whole week, from Monday the 8th to Sunday the 14th.
        let text = """
            when,sku,kind,n,paid
            2024-01-03 09:00:00,a,x,5,1
            2024-01-08 00:00:00,a,x,1,2
            2024-01-14 23:59:59,a,x,3,4
            2024-01-16 09:00:00,a,x,7,1

            """
        let log = try shop.log(text, try shop.settings())
        #expect(log.lines.map(\.units.units) == [4])
        #expect(log.lines.map(\.price) == [3.5])
        #expect(SalesPeriod.week.start(log.first).description == "2024-01-08")
        #expect(log.first == log.last)
        #expect(log.report.outside == 2)
        // The shop says that it is closed on the days that are missing.
        let wide = try shop.settings(PanelShop.keys + "  from: 2024-01-01\n  until: 2024-01-21\n")
        #expect(try shop.log(text, wide).lines.map(\.units.units) == [5, 4, 7])
        // Three hours west of the log's clock the first sale was on Sunday.
        let west = try shop.settings(
            PanelShop.keys + "  utc_offset: -3\n  until: 2024-01-14\n  from: 2024-01-08\n"
        )
        #expect(try shop.log(text, west).lines.map(\.units.units) == [3])
    }

    @Test func whatCameBackIsPassedOverOrTakenOff() throws {
        let shop = try PanelShop()
        let text = """
            when,sku,kind,n,paid
            2024-01-01 09:00:00,a,x,5,2
            2024-01-02 09:00:00,a,x,-2,2
            2024-01-02 09:00:00,b,x,1,2
            2024-01-07 09:00:00,b,x,-4,2

            """
        let asked = try shop.log(text, try shop.settings())
        #expect(asked.lines.map(\.units.units) == [5, 1])
        #expect(asked.report.negative == 2)
        let net = try shop.log(
            text,
            try shop.settings(PanelShop.keys + "  negative_units: subtract\n  until: 2024-01-07\n")
        )
        #expect(net.lines.map(\.units.units) == [3, 0])
        #expect(net.report.negative == 0)
    }

    @Test func filtersDecideWhichRowsCount() throws {
        let shop = try PanelShop()
        let text = """
            when,sku,kind,n,paid
            2024-01-01 09:00:00,12345A,x,5,2
            2024-01-02 09:00:00,POST,x,3,2
            2024-01-07 09:00:00,12999,fuel,4,2

            """
        let settings = try shop.settings(
            PanelShop.keys
                + "  keep: [{ column: sku, like: \"#####*\" }]\n  exclude: [{ column: kind, like: [FUEL, gas] }]\n"
                + "  until: 2024-01-07\n"
        )
        let log = try shop.log(text, settings)
        #expect(log.lines.map(\.item) == ["12345A"])
        #expect(log.report.filtered == 2)
        #expect(log.report.rows == 3)
    }

    @Test func theCategoryMayBeTheItemsFirstCharacters() throws {
        let shop = try PanelShop()
        let keys = PanelShop.keys.replacing("category: kind", with: "category_characters: 2")
            .replacing("  price: paid\n", with: "  amount: paid\n")
        let log = try shop.log(
            "when,sku,n,paid\n2024-01-01 01:00:00,85123,4,10\n2024-01-07 01:00:00,7,1,\n",
            try shop.settings(keys)
        )
        #expect(log.lines.map(\.category) == ["7", "85"])
        #expect(log.lines.map(\.price) == [nil, 2.5])
    }

    @Test(arguments: [
        (",a,x,1,1", "no time"), ("2024-01-01 09:00:00,,x,1,1", "no item"),
        ("2024-01-01 09:00:00,a,x,,1", "units"), ("2024-01-01 09:00:00,a,x,2e12,1", "units"),
        ("2024-01-01 09:00:00,a,x,1,-1", "price"), ("2024-08-01 09:00:00,a,x,1,1", "future"),
    ])
    func aRowThatIsWrongIsNamedOrPassedOver(row: String, part: String) throws {
        let shop = try PanelShop()
        let text = PanelShop.weeks(2) + row + "\n"
        let error = #expect(throws: ForecastError.self) { try shop.log(text, try shop.settings()) }
        let sentence = error?.description ?? ""
        #expect(
            sentence.contains(part) && sentence.contains("log.csv:\(text.count { $0 == "\n" })"),
            "\(sentence)"
        )
        let settings = try shop.settings(PanelShop.keys + "  invalid: skip\n")
        let log = try shop.log(text, settings)
        #expect(log.report.invalid == 1)
        #expect(log.lines == (try shop.log(PanelShop.weeks(2), settings)).lines)
    }

    @Test func aLogWithoutAWholeWeekIsRefused() throws {
        let shop = try PanelShop()
        for text in [
            "when,sku,kind,n,paid\n2024-01-03 09:00:00,a,x,5,1\n",
            "when,sku,kind,n,paid\n2024-01-03 09:00:00,a,x,-5,1\n",
        ] {
            let error = #expect(throws: ForecastError.self) {
                try shop.log(text, try shop.settings())
            }
            #expect(error?.code == .salesPanel)
        }
    }

    @Test(arguments: [
        ("period: week", "period: month", "panel.period"),
        ("horizon: 3", "horizon: 0", "panel.horizon"),
        ("category: kind", "item_kind: kind", "panel.item_kind"),
        ("category: kind", "category: kind\n  category_characters: 2", "panel.category"),
        ("price: paid", "price: paid\n  amount: paid", "panel.amount"),
        ("test: 4", "test: 4\n  from: 2024-01-02", "panel.from"),
        ("test: 4", "test: 4\n  until: 2024-01-08", "panel.until"),
        ("test: 4", "test: 4\n  until: tomorrow", "panel.until"),
        ("test: 4", "test: 4\n  from: 2024-02-05\n  until: 2024-01-07", "panel.until"),
        ("test: 4", "test: 4\n  keep: [{ column: sku, like: \"\" }]", "panel.keep"),
        (
            "test: 4", "test: 4\n  planned_prices: { files: plans.csv }",
            "panel.planned_prices.announced"
        ),
    ])
    func settingsThatAreWrongAreNamed(key: String, value: String, path: String) throws {
        let shop = try PanelShop()
        let error = #expect(throws: ConfigurationError.self) {
            try shop.settings(PanelShop.keys.replacing(key, with: value))
        }
        #expect(error?.description.contains(path) == true, "\(error?.description ?? "")")
    }
}
