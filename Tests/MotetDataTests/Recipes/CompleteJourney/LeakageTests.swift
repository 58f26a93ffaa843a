import Testing

@testable import MotetData

@Suite("Complete Journey: leakage") struct LeakageTests {
    /// The columns that tell what became of an exposure; all others are features or keys.
    private static let labels: Set<String> = ["bought", "quantity", "coupon_used", "weight"]

    /// A feature whose value depends on something it must not know.
    private struct Leak: Hashable, CustomStringConvertible {
        let column: String
        let week: Int
        var description: String { "\(column) in week \(week)" }
    }

    /// Changes all purchases from each week on, and tells which features of that week or an earlier
    /// one changed with them.
    private func leaks(_ rows: (JourneyTables) -> RecipeTable) throws -> Set<Leak> {
        let tables = JourneyFixture.tables()
        let before = rows(tables)
        var leaks: Set<Leak> = []
        for week in [2, 9, 15, 20] {
            let after = rows(JourneyFixture.changed(tables, from: week))
            try #require(after.rowCount == before.rowCount)
            try #require(after.integers("bought") != before.integers("bought"))
            for row in 0..<before.rowCount where before.integers("week")[row] <= Int32(week) {
                let old = before.row(row, except: LeakageTests.labels)
                let new = after.row(row, except: LeakageTests.labels)
                for (column, value) in old where new[column] != value {
                    leaks.insert(Leak(column: column, week: Int(before.integers("week")[row])))
                }
            }
        }
        return leaks
    }

    @Test func purchasesOfAWeekAndLaterChangeNoFeatureOfThatWeekOrBefore() throws {
        #expect(try leaks(JourneyFixture.honestRows) == [])
    }

    @Test func theCheckCatchesAHouseholdHistoryThatKnowsTheWeek() throws {
        let columns = Set(try leaks(JourneyFixture.rowsThatLeakHouseholds).map(\.column))
        // Every feature made of what households bought leaks then.
        for column in [
            "product_purchases", "product_recency", "category_purchases", "household_spend_4w",
            "household_coupon_share", "recent_products", "recent_categories",
        ] {
            #expect(columns.contains(column), "\(column) should be caught")
        }
    }

    @Test func theCheckCatchesPricesAndSalesOfTheWeekItself() throws {
        let columns = Set(try leaks(JourneyFixture.rowsThatLeakProducts).map(\.column))
        for column in [
            "product_sales", "product_sales_4w", "product_store_sales", "product_take_rate",
            "price_last", "discount_last", "price_relative",
        ] {
            #expect(columns.contains(column), "\(column) should be caught")
        }
    }

    @Test func laterWeeksDoFollowFromEarlierPurchases() throws {
        // The other side: features are not constant. Purchases of week 9 reach week 10.
        let tables = JourneyFixture.tables()
        let before = JourneyFixture.honestRows(tables)
        let after = JourneyFixture.honestRows(JourneyFixture.changed(tables, from: 9))
        let weeks = before.integers("week")
        for column in ["product_purchases", "product_sales", "price_last"] {
            let pairs = zip(before.numbers(column), after.numbers(column))
            let changed = zip(weeks, pairs).contains { week, pair in
                week == 10 && pair.0.bitPattern != pair.1.bitPattern
            }
            #expect(changed, "\(column) should change in week 10")
        }
    }

    @Test func whichRowsStayDoesNotDependOnPurchasesBeyondKeepingTheBought() {
        let tables = JourneyFixture.tables()
        let changed = JourneyFixture.changed(tables, from: 1)
        func kept(_ tables: JourneyTables) -> [[String: String]: Int32] {
            let log = ExposureLog(tables)
            let sampling = ExposureSampling(interval: 3, seed: 5)
            var rows = ExposureRows()
            for week in log.weeks {
                log.appendRows(
                    of: week,
                    households: HouseholdHistory(tables),
                    products: ProductHistory(tables),
                    sampling: sampling,
                    to: &rows
                ) { _, _ in }
            }
            let table = rows.table(tables)
            let keys: Set = ["week", "household_id", "store_id", "product_id"]
            let others = Set(table.names).subtracting(keys)
            let bought = table.integers("bought")
            return Dictionary(
                (0..<table.rowCount).map { (table.row($0, except: others), bought[$0]) },
                uniquingKeysWith: { first, _ in first }
            )
        }
        let (one, other) = (kept(tables), kept(changed))
        // A row that was not bought in either world is kept in both or in neither.
        let log = ExposureLog(tables)
        let all = JourneyFixture.honestRows(tables)
        #expect(
            log.count(ExposureWeeks(train: 1...18, validation: 19...19, test: 20...20)).sum()
                .exposures == all.rowCount
        )
        for (key, bought) in one where bought == 0 && other[key] == nil {
            Issue.record("a row that was not bought is kept only where others were bought: \(key)")
        }
        for (key, bought) in other where bought == 0 && one[key] == nil {
            Issue.record("a row that was not bought is kept only where others were bought: \(key)")
        }
    }
}
