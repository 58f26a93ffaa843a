import MotetCore
import Testing

@testable import MotetData

@Suite("Complete Journey: exposure log") struct ExposureLogTests {
    @Test func everyPromotedProductOfEveryVisitIsOneRow() {
        let tables = JourneyFixture.tables()
        let table = JourneyFixture.honestRows(tables)
        var expected: Set<[Int32]> = []
        let lines = tables.transactions
        for line in 0..<lines.count {
            let (week, store) = (Int(lines.week[line]), Int(lines.store[line]))
            for promotion in tables.promotions.promotions(week: week, store: store) {
                expected.insert([
                    Int32(week), tables.households.ids[Int(lines.household[line])],
                    tables.stores[store], tables.products.ids[promotion.product],
                ])
            }
        }
        let rows = (0..<table.rowCount).map { row in
            ["week", "household_id", "store_id", "product_id"].map { table.integers($0)[row] }
        }
        #expect(rows.count == expected.count)
        #expect(Set(rows) == expected)
    }

    @Test func labelsSumTheLinesOfTheVisitsWeek() throws {
        let tables = JourneyFixture.tables()
        let table = JourneyFixture.honestRows(tables)
        let lines = tables.transactions
        var bought = 0
        for row in 0..<table.rowCount {
            let same = (0..<lines.count).filter { line in
                lines.week[line] == table.integers("week")[row]
                    && tables.households.ids[Int(lines.household[line])]
                        == table.integers("household_id")[row]
                    && tables.stores[Int(lines.store[line])] == table.integers("store_id")[row]
                    && tables.products.ids[Int(lines.product[line])]
                        == table.integers("product_id")[row]
            }
            let quantity = same.reduce(0) { $0 + lines.quantity[$1] }
            #expect(table.integers("bought")[row] == (same.isEmpty ? 0 : 1))
            let labelled = table.numbers("quantity")[row]
            #expect(quantity > 0 ? labelled == Float(quantity) : labelled.isNaN)
            let coupon = table.numbers("coupon_used")[row]
            let used: Float = same.contains { lines.couponDiscount[$0] > 0 } ? 1 : 0
            #expect(same.isEmpty ? coupon.isNaN : coupon == used)
            bought += same.isEmpty ? 0 : 1
        }
        #expect(bought > 50)
    }

    @Test func featuresAgreeWithACountOverAllEarlierLines() throws {
        let tables = JourneyFixture.tables()
        let table = JourneyFixture.honestRows(tables)
        let lines = tables.transactions
        for row in stride(from: 0, to: table.rowCount, by: 7) {
            let week = table.integers("week")[row]
            let household = tables.households.ids
                .firstIndex(of: table.integers("household_id")[row]).map { Int32($0) }
            let product = tables.products.ids
                .firstIndex(of: table.integers("product_id")[row]).map { Int32($0) }
            let earlier = (0..<lines.count).filter { lines.week[$0] < week }
            let own = earlier.filter { lines.household[$0] == household }
            let pair = own.filter { lines.product[$0] == product }
            let sold = earlier.filter { lines.product[$0] == product }
            #expect(table.numbers("product_purchases")[row] == Float(pair.count))
            let recency = pair.map { lines.week[$0] }.max().map { 1 / Float(week - $0) } ?? 0
            #expect(table.numbers("product_recency")[row] == recency)
            #expect(table.numbers("product_sales")[row] == Float(sold.count))
            let recent = sold.count { lines.week[$0] >= week - 4 }
            #expect(table.numbers("product_sales_4w")[row] == Float(recent))
            let baskets = Set(own.map { lines.basket[$0] }).count
            #expect(table.numbers("household_visits")[row] == Float(baskets))
            let spend = own.filter { lines.week[$0] >= week - 4 }
                .reduce(0.0) { $0 + Double(lines.sales[$1]) }
            let difference = abs(Double(table.numbers("household_spend_4w")[row]) - spend)
            #expect(difference < 1e-4 * max(1, spend))
            let last = own.suffix(HouseholdHistory.memory)
                .map { tables.products.ids[Int(lines.product[$0])] }
            #expect(table.lists("recent_products")[row] == last)
            let places = tables.stores.firstIndex(of: table.integers("store_id")[row]).map {
                Int32($0)
            }
            let priced = sold.filter { lines.quantity[$0] > 0 }
            let seen = priced.last { lines.store[$0] == places } ?? priced.last
            let price = seen.flatMap { lines.prices($0)?.regular }
            let told = table.numbers("price_last")[row]
            #expect(price.map { $0 == told } ?? told.isNaN)
        }
    }

    @Test func campaignsCountFromTheirFirstDayOnly() {
        let tables = JourneyFixture.tables()
        #expect(tables.campaignsRunning(inWeek: 3) == 0)
        #expect(tables.campaignsRunning(inWeek: 4) == 0b01)
        // The second begins on the Tuesday of week 10, so the week's first day does not know it.
        #expect(tables.campaignsRunning(inWeek: 10) == 0b01)
        #expect(tables.campaignsRunning(inWeek: 11) == 0b11)
        #expect(tables.campaignsRunning(inWeek: 13) == 0b10)
        #expect(tables.campaignsRunning(inWeek: 17) == 0)
    }

    @Test func repeatedPromotionsBecomeOneWithBothPlaces() {
        let slot = PromotionCalendar.slot(week: 1, store: 0, stores: 1)
        let rows = [(5, 0, 10), (5, 3, 0), (2, 7, 0), (5, 2, 12)].map { product, display, mailer in
            PromotionRow(
                slot: slot,
                promotion: Promotion(product: product, display: display, mailer: mailer)
            )
        }
        let calendar = PromotionCalendar(rows: rows, weeks: 1, stores: 1)
        #expect(
            Array(calendar.promotions(week: 1, store: 0)) == [
                Promotion(product: 2, display: 7, mailer: 0),
                Promotion(product: 5, display: 2, mailer: 10),
            ]
        )
        #expect(calendar.repeatedRows == 2)
        #expect(calendar.promotions(week: 1, store: 0).map(\.kind) == [.display, .both])
    }

    @Test func theWeeksAreTheDocumentedOnes() throws {
        let weeks = try #require(ExposureWeeks.standard(last: 53))
        #expect(weeks.part(of: 8) == nil)
        #expect(
            [9, 45, 46, 48, 49, 53].map { weeks.part(of: $0) }
                == [.train, .train, .validation, .validation, .test, .test]
        )
        #expect(ExposureWeeks.standard(last: 16) == nil)
    }
}

@Suite("Complete Journey: sampling") struct ExposureSamplingTests {
    @Test(arguments: [1, 2, 7, 101])
    func oneOfSoManyStays(interval: Int) {
        let sampling = ExposureSampling(interval: interval, seed: 3)
        var kept = 0
        for household in 0..<40 {
            let visit = sampling.visit(household: Int32(household), store: 300, week: 12)
            kept += (0..<10_000).count { sampling.keeps(visit: visit, product: Int32($0)) }
        }
        let expected = 400_000 / Double(interval)
        // Five standard deviations of a binomial number.
        let allowed = 5 * (expected * (1 - 1 / Double(interval))).squareRoot()
        #expect(abs(Double(kept) - expected) <= allowed)
        #expect(sampling.weight == Float(interval))
    }

    @Test func weightedSumsEstimateTheFullLog() {
        // For a quantity that depends on row and label, over many seeds: the mean of the weighted
        // sums is the full sum, within five standard errors; without weights it is far off.
        let rows = 3_000
        let labels = (0..<rows).map { $0 % 29 == 0 }
        let values = (0..<rows).map { 1 + Double($0 % 13) + (labels[$0] ? 20 : 0) }
        let full = values.reduce(0, +)
        var sums: [Double] = []
        for seed in 0..<200 {
            let sampling = ExposureSampling(interval: 10, seed: UInt64(seed))
            var sum = 0.0
            for row in 0..<rows {
                let visit = sampling.visit(household: Int32(row / 50), store: 1, week: 1)
                if labels[row] {
                    sum += values[row]
                } else if sampling.keeps(visit: visit, product: Int32(row % 50)) {
                    sum += Double(sampling.weight) * values[row]
                }
            }
            sums.append(sum)
        }
        let mean = sums.reduce(0, +) / 200
        let variance = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 199
        #expect(abs(mean - full) < 5 * (variance / 200).squareRoot())
        #expect(variance > 0)
    }

    @Test(arguments: [(3_000_000, 317_267, 318_957_363), (400_000, 317_267, 318_957_363)])
    func theIntervalFitsTheRows(rows: Int, bought: Int, exposures: Int) throws {
        let interval = try #require(
            ExposureSampling.interval(rows: rows, bought: bought, exposures: exposures)
        )
        let expected = Double(exposures - bought) / Double(interval)
        #expect(Double(bought) + expected + 4 * expected.squareRoot() < Double(rows))
        let nearer = Double(exposures - bought) / Double(interval - 1)
        #expect(Double(bought) + nearer + 5 * Double(rows).squareRoot() > Double(rows))
    }

    @Test func tooFewRowsForTheBoughtIsNoInterval() {
        #expect(
            ExposureSampling.interval(rows: 317_000, bought: 317_267, exposures: 318_957_363) == nil
        )
        #expect(ExposureSampling.interval(rows: 100, bought: 3, exposures: 100) == 1)
    }

    @Test func theSeedChoosesTheSample() {
        func kept(_ seed: UInt64) -> [Bool] {
            let sampling = ExposureSampling(interval: 4, seed: seed)
            let visit = sampling.visit(household: 5, store: 6, week: 7)
            return (0..<200).map { sampling.keeps(visit: visit, product: $0) }
        }
        #expect(kept(1) == kept(1))
        #expect(kept(1) != kept(2))
    }
}
