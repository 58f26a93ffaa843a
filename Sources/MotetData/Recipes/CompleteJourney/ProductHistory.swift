/// What happened to every product in the weeks absorbed so far: sales, prices seen, and how often
/// an exposure ended in a purchase.
struct ProductHistory: Sendable {
    /// Where the last price of a product was seen.
    enum PriceSource: Int32, CaseIterable, Sendable {
        /// Nowhere yet.
        case none
        /// In another store of the chain.
        case chain
        /// In the store of the visit.
        case store

        /// The name in the column `price_source`.
        var name: String { String(describing: self) }
    }

    private struct Prices: Sendable {
        var regular: Float = 0
        var withCard: Float = 0
    }

    private let products: Int
    private var sales: [Int32]
    private var recentSales: [Int32]
    private var prices: [Prices]
    private var exposures: [Int32]
    private var taken: [Int32]
    private var allExposures = 0.0
    private var allTaken = 0.0
    private var categoryPrice: [Double]
    private var categoryPrices: [Double]
    private var storePairs: [UInt64: Int32] = [:]
    private var storeSales: [Int32] = []
    private var storePrices: [Prices] = []

    /// Nothing has happened yet.
    init(_ tables: JourneyTables) {
        products = tables.products.count
        sales = Array(repeating: 0, count: products)
        exposures = sales
        taken = sales
        recentSales = Array(repeating: 0, count: products * HouseholdHistory.recentWeeks)
        prices = Array(repeating: Prices(), count: products)
        categoryPrice = Array(repeating: 0, count: tables.products.category.values.count)
        categoryPrices = categoryPrice
    }

    /// Remembers a week.
    mutating func absorb(_ week: JourneyWeek, of tables: JourneyTables) {
        let slot = week.week % HouseholdHistory.recentWeeks * products
        for product in 0..<products { recentSales[slot + product] = 0 }
        let transactions = tables.transactions
        for line in week.lines {
            let product = Int(transactions.product[line])
            sales[product] += 1
            recentSales[slot + product] += 1
            let pair = storePair(Int(transactions.store[line]), product)
            storeSales[pair] += 1
            guard let seen = transactions.prices(line) else { continue }
            let both = Prices(regular: seen.regular, withCard: seen.withCard)
            prices[product] = both
            storePrices[pair] = both
            let category = Int(tables.products.category.codes[product])
            categoryPrice[category] += Double(seen.regular)
            categoryPrices[category] += 1
        }
        absorbExposures(week, tables.promotions)
    }

    private mutating func storePair(_ store: Int, _ product: Int) -> Int {
        let key = UInt64(store) << 32 | UInt64(product)
        if let pair = storePairs[key] { return Int(pair) }
        let pair = storeSales.count
        storePairs[key] = Int32(pair)
        storeSales.append(0)
        storePrices.append(Prices())
        return pair
    }

    private mutating func absorbExposures(_ week: JourneyWeek, _ calendar: PromotionCalendar) {
        var index = 0
        while index < week.visits.count {
            let store = week.visits[index].store
            let promotions = calendar.promotions(week: week.week, store: Int(store))
            let first = index
            while index < week.visits.count, week.visits[index].store == store {
                week.forEachTaken(week.visits[index], of: promotions) { promotion, _ in
                    taken[promotion.product] += 1
                    allTaken += 1
                }
                index += 1
            }
            for promotion in promotions { exposures[promotion.product] += Int32(index - first) }
            allExposures += Double((index - first) * promotions.count)
        }
    }
}

extension ProductHistory {
    /// The columns `append` fills.
    static let columns = [
        "product_sales", "product_sales_4w", "product_store_sales", "product_take_rate",
        "price_last", "price_card_last", "discount_last", "price_relative",
    ]

    /// Appends what happened to a product before the week, seen from a store.
    ///
    /// Prices are those of the last line before the week, in the store if there was one there, else
    /// in the chain; NaN where there was none. The take rate is purchases per thousand exposures,
    /// drawn to the rate of all products by a thousand exposures' worth of it.
    func append(
        _ product: Int,
        store: Int,
        of products: JourneyProducts,
        to row: inout [Float]
    ) -> PriceSource {
        var recent: Int32 = 0
        for slot in 0..<HouseholdHistory.recentWeeks {
            recent += recentSales[slot * self.products + product]
        }
        let pair = storePairs[UInt64(store) << 32 | UInt64(product)].map { Int($0) }
        let rate = allExposures > 0 ? allTaken / allExposures : 0
        let takeRate =
            (Double(taken[product]) + 1_000 * rate) / (Double(exposures[product]) + 1_000)
        row.append(Float(sales[product]))
        row.append(Float(recent))
        row.append(pair.map { Float(storeSales[$0]) } ?? 0)
        row.append(Float(1_000 * takeRate))

        var source = PriceSource.none
        var seen = prices[product]
        if let pair, storePrices[pair].regular > 0 {
            (seen, source) = (storePrices[pair], .store)
        } else if seen.regular > 0 {
            source = .chain
        }
        guard source != .none else {
            row.append(contentsOf: repeatElement(.nan, count: 4))
            return source
        }
        let category = Int(products.category.codes[product])
        let usual = Float(categoryPrice[category] / categoryPrices[category])
        row.append(seen.regular)
        row.append(seen.withCard)
        row.append(1 - seen.withCard / seen.regular)
        row.append(seen.regular / usual)
        return source
    }
}
