import Testing

@testable import MotetData

@Suite("Online Retail recipe") struct OnlineRetailTests {
    @Test(arguments: [
        ("2010-12-01 08:26:00", 14_944, 506), ("12/1/2010 8:26", 14_944, 506),
        ("2011-12-09T12:50:00", 15_317, 770), ("2/29/2012 0:00", 15_399, 0),
    ])
    func momentsAreReadInBothSpellings(text: String, day: Int, minute: Int) throws {
        let time = try #require(RetailTime(text))
        #expect(time.day == day)
        #expect(time.minute == minute)
    }

    @Test(arguments: [
        "", "2010-12-01", "2010-13-01 08:00", "13/1/2010 8:26", "1/1/2010 25:00", "x y",
    ])
    func otherTextIsNoMoment(text: String) { #expect(RetailTime(text) == nil) }

    @Test func monthsFollowFromDays() {
        for (index, length) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
            for day in [1, length] {
                let number = RetailTime.day(year: 2011, month: index + 1, day: day)
                #expect(RetailTime.month(ofDay: number) == index + 1)
            }
        }
    }

    @Test func spellingsAreRepairedAndTold() {
        let repairs = RetailRepairs()
        #expect(repairs.customer("17850.0") == .init(value: "17850", isRepaired: true))
        #expect(repairs.customer("17850") == .init(value: "17850", isRepaired: false))
        #expect(repairs.code(" 85123a") == .init(value: "85123A", isRepaired: true))
        #expect(repairs.number("2,55") == .init(value: 2.55, isRepaired: true))
        #expect(repairs.number("-12") == .init(value: -12, isRepaired: false))
        for text in ["1,234.5", "1,2,3", "abc", "inf", ""] {
            #expect(repairs.number(text).value == nil)
        }
    }

    @Test func onlyProductsAreProducts() {
        #expect(["85123A", "22423", "15056BL"].allSatisfy { RetailRepairs.isProduct($0) })
        #expect(
            !["POST", "M", "C2", "BANK CHARGES", "D", "1234"].contains {
                RetailRepairs.isProduct($0)
            }
        )
    }

    private static let header =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

    /// Lines of two customers; `quantity` and `price` are those of the last line, on 2011-03-20.
    private func lines(quantity: Int, price: String) -> String {
        OnlineRetailTests.header + """
            1,10001,A,2,2011-03-01 10:00:00,1.50,7.0,United Kingdom
            1,10001,A,2,2011-03-01 10:00:00,1.50,7.0,United Kingdom
            2,10002,B,4,2011-03-10 10:00:00,"2,00",7.0,United Kingdom
            C3,10001,A,-2,2011-03-15 10:00:00,1.50,7.0,United Kingdom
            4,10001,A,1,2011-03-19 10:00:00,2.00,8.0,France
            5,POST,P,1,2011-03-19 10:00:00,9.00,8.0,France
            6,10001,A,\(quantity),2011-03-20 09:00:00,\(price),7.0,United Kingdom
            7,10001,A,1,2011-03-20 11:00:00,1.00,8.0,France
            8,10002,B,5,2011-06-01 10:00:00,1.00,,France
            9,10002,B,5,2011-06-01 10:00:00,1.00,9.0,Japan

            """
    }

    private func prepared(_ text: String) throws -> (DatasetReport, OriginalTable) {
        let folder = try TemporaryFolder()
        _ = try folder.write("online_retail.csv", text)
        let recipe = OnlineRetailRecipe()
        let files = try DatasetFiles.locate(recipe.card, in: folder.path)
        let (table, parts) = try recipe.rows(RetailLines(files.path("lines")))
        let output = RecipeWriter(folder.path + "/rows.parquet")
        try output.append(table.rows(parts.indices.filter { parts[$0] == .train }))
        try output.finish()
        var report = DatasetReport(name: "x")
        report.counts = try RetailLines(files.path("lines")).counts
        let written = try OriginalTable(
            TableSource(folder.path + "/rows.parquet"),
            integers: ["day", "returned", "buys_again_30d"],
            numbers: RetailHistory.columns + ["quantity", "spend_30d"],
            texts: ["customer_id", "customer_type", "country_group"]
        )
        return (report, written)
    }

    @Test func rowsCarryThePastAsFeaturesAndTheFutureAsLabels() throws {
        let (report, rows) = try prepared(lines(quantity: 3, price: "2.50"))
        #expect(report["dropped: no customer"] == 1)
        #expect(report["dropped: no product (postage, fees, samples)"] == 1)
        #expect(report["dropped: repeats another line"] == 1)
        #expect(report["numbers with a decimal comma"] == 1)
        let customers = (0..<rows.rowCount).map { rows.texts("customer_id").text($0) }
        #expect(customers == ["7", "7", "8", "7", "8"])
        #expect(rows.integers("returned") == [1, 0, 0, 0, 0])
        #expect(rows.integers("buys_again_30d") == [1, 1, 1, 0, 0])
        #expect(rows.numbers("spend_30d") == [15.5, 7.5, 1, 0, 0])
        #expect(rows.numbers("customer_invoices") == [0, 1, 0, 2, 1])
        #expect(rows.numbers("product_lines") == [0, 0, 1, 2, 2])
        let ratio = rows.numbers("price_ratio")[3]
        #expect(abs(ratio - 2.5 / 1.75) < 1e-6)
        #expect(rows.texts("customer_type").text(3) == "occasional")
    }

    @Test func linesOfADayDoNotChangeFeaturesOfThatDay() throws {
        let (_, before) = try prepared(lines(quantity: 3, price: "2.50"))
        let (_, after) = try prepared(lines(quantity: 90, price: "7.50"))
        for column in RetailHistory.columns where column != "price_ratio" {
            let same = zip(before.numbers(column), after.numbers(column)).allSatisfy {
                $0.bitPattern == $1.bitPattern
            }
            #expect(same, "\(column)")
        }
        // The price of an order is stated when it is made, so its own ratio follows it; nobody
        // else's does.
        #expect(before.numbers("price_ratio")[4] == after.numbers("price_ratio")[4])
        #expect(before.numbers("quantity") != after.numbers("quantity"))
    }
}
