import MotetCore

@testable import MotetData

/// A small made-up chain: the same kinds of files as the Complete Journey, few of everything.
enum JourneyFixture {
    static let lastWeek = 20
    static let householdCount = 6
    static let storeCount = 2
    static let productCount = 12

    /// Tables in which every household visits about two stores in three weeks of four.
    static func tables(seed: UInt64 = 7) -> JourneyTables {
        var random = RandomKey(seed: seed).generator()
        var tables = JourneyTables()
        tables.stores = [31, 32]
        tables.products = products()
        tables.households.ids = (0..<householdCount).map { Int32(100 + $0) }
        tables.households.answers = JourneyHouseholds.questions.map { _ in
            TextColumn(
                codes: (0..<householdCount).map { Int32($0 % 3) },
                values: ["a", "b", "unknown"]
            )
        }
        tables.households.campaigns = (0..<householdCount).map { UInt64($0 % 4) }
        tables.campaigns = [
            JourneyCampaign(
                type: "Type A",
                firstDay: JourneyTables.firstDay(ofWeek: 4),
                lastDay: JourneyTables.firstDay(ofWeek: 12)
            ),
            JourneyCampaign(
                type: "Type B",
                firstDay: JourneyTables.firstDay(ofWeek: 10) + 1,
                lastDay: JourneyTables.firstDay(ofWeek: 16)
            ),
        ]
        tables.transactions = transactions(&random)
        tables.promotions = promotions(&random)
        return tables
    }

    private static func products() -> JourneyProducts {
        var products = JourneyProducts()
        func column(_ count: Int, _ name: String) -> TextColumn {
            TextColumn(
                codes: (0..<productCount).map { Int32($0 % count) },
                values: (0..<count).map { "\(name) \($0)" }
            )
        }
        products.ids = (0..<productCount).map { Int32(1_000 + $0) }
        products.department = column(2, "department")
        products.category = column(3, "category")
        products.type = column(5, "type")
        products.brand = column(2, "brand")
        products.packageSize = column(4, "size")
        products.manufacturerIndex = (0..<productCount).map { Int32($0 % 4) }
        products.manufacturer = products.manufacturerIndex.map { 50 + $0 }
        products.campaigns = (0..<productCount).map { UInt64($0 % 3) }
        return products
    }

    private static func transactions(_ random: inout RandomKeyGenerator) -> JourneyTransactions {
        var lines = JourneyTransactions()
        var basket: Int64 = 0
        for week in 1...lastWeek {
            for household in 0..<householdCount {
                for store in 0..<storeCount where random.nextUniform() < 0.75 {
                    basket += 1
                    for _ in 0..<Int.random(in: 1...5, using: &random) {
                        lines.household.append(Int32(household))
                        lines.store.append(Int32(store))
                        lines.product.append(
                            Int32.random(in: 0..<Int32(productCount), using: &random)
                        )
                        lines.basket.append(basket)
                        lines.week.append(Int32(week))
                        lines.quantity.append(Int32.random(in: 0...4, using: &random))
                        lines.sales.append(Float.random(in: 1...9, using: &random))
                        lines.cardDiscount.append(random.nextUniform() < 0.5 ? 0.5 : 0)
                        lines.couponDiscount.append(random.nextUniform() < 0.1 ? 1 : 0)
                        lines.matchDiscount.append(0)
                    }
                }
            }
        }
        return lines
    }

    private static func promotions(_ random: inout RandomKeyGenerator) -> PromotionCalendar {
        var rows: [PromotionRow] = []
        for week in 1...lastWeek {
            for store in 0..<storeCount {
                for product in 0..<productCount where random.nextUniform() < 0.6 {
                    let kind = Int.random(in: 1...3, using: &random)
                    rows.append(
                        PromotionRow(
                            slot: PromotionCalendar.slot(
                                week: week,
                                store: store,
                                stores: storeCount
                            ),
                            promotion: Promotion(
                                product: product,
                                display: kind & 1 == 1 ? 3 : 0,
                                mailer: kind & 2 == 2 ? 10 : 0
                            )
                        )
                    )
                }
            }
        }
        return PromotionCalendar(
            rows: rows.shuffled(using: &random),
            weeks: lastWeek,
            stores: storeCount
        )
    }

    /// The same tables with other purchases from a week on: other products, quantities, prices and
    /// coupons on every line.
    ///
    /// Households, stores, baskets and weeks stay, so the exposures do too.
    static func changed(_ tables: JourneyTables, from week: Int, seed: UInt64 = 99) -> JourneyTables
    {
        var random = RandomKey(seed: seed).generator()
        var tables = tables
        for line in 0..<tables.transactions.count
        where tables.transactions.week[line] >= Int32(week) {
            tables.transactions.product[line] =
                Int32.random(in: 0..<Int32(productCount), using: &random)
            tables.transactions.quantity[line] = Int32.random(in: 0...4, using: &random)
            tables.transactions.sales[line] = Float.random(in: 10...90, using: &random)
            tables.transactions.cardDiscount[line] = Float.random(in: 0...9, using: &random)
            tables.transactions.couponDiscount[line] = random.nextUniform() < 0.5 ? 1 : 0
        }
        return tables
    }

    /// The rows of all weeks from 2 on, made as the recipe makes them.
    static func honestRows(_ tables: JourneyTables) -> RecipeTable {
        rows(tables) { log, week, rows, households, products in
            append(log, week, households, products, &rows)
            households.absorb(week, of: log.tables)
            products.absorb(week, of: log.tables)
        }
    }

    /// The rows as a careless recipe would make them: the household's history has absorbed the
    /// week already when the features of the week are made.
    static func rowsThatLeakHouseholds(_ tables: JourneyTables) -> RecipeTable {
        rows(tables) { log, week, rows, households, products in
            households.absorb(week, of: log.tables)
            append(log, week, households, products, &rows)
            products.absorb(week, of: log.tables)
        }
    }

    /// The same with the products' history: prices and sales of the week itself.
    static func rowsThatLeakProducts(_ tables: JourneyTables) -> RecipeTable {
        rows(tables) { log, week, rows, households, products in
            products.absorb(week, of: log.tables)
            append(log, week, households, products, &rows)
            households.absorb(week, of: log.tables)
        }
    }

    private static func append(
        _ log: ExposureLog,
        _ week: JourneyWeek,
        _ households: HouseholdHistory,
        _ products: ProductHistory,
        _ rows: inout ExposureRows
    ) {
        let everything = ExposureSampling(interval: 1, seed: 1)
        log.appendRows(
            of: week,
            households: households,
            products: products,
            sampling: everything,
            to: &rows
        ) { _, _ in }
    }

    private static func rows(
        _ tables: JourneyTables,
        _ step: (
            ExposureLog, JourneyWeek, inout ExposureRows, inout HouseholdHistory,
            inout ProductHistory
        ) -> Void
    ) -> RecipeTable {
        let log = ExposureLog(tables)
        var households = HouseholdHistory(tables)
        var products = ProductHistory(tables)
        var rows = ExposureRows()
        for week in log.weeks { step(log, week, &rows, &households, &products) }
        return rows.table(tables)
    }
}
