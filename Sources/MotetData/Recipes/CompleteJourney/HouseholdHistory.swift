/// What every household did in the weeks absorbed so far.
///
/// Nothing here ever sees a week before `absorb` is called with it; the exposure log asks for the
/// features of a week before it absorbs that week.
struct HouseholdHistory: Sendable {
    /// How many of the products bought last are remembered.
    static let memory = 20
    /// How many weeks count as recent.
    static let recentWeeks = 4

    private let households: Int
    private let stores: Int
    private let categories: Int
    private let types: Int
    private let manufacturers: Int
    private let brands: Int

    private var baskets: [Int32]
    private var lines: [Int32]
    private var couponLines: [Int32]
    private var spend: [Double]
    private var discount: [Double]
    private var lastWeek: [Int32]
    private var distinctProducts: [Int32]
    // A ring of the recent weeks: slot `week % recentWeeks` of all households.
    private var recentBaskets: [Int32]
    private var recentSpend: [Double]
    private var storeBaskets: [UInt16]
    private var categoryLines: [UInt16]
    private var categoryWeek: [UInt16]
    private var typeLines: [UInt16]
    private var manufacturerLines: [UInt16]
    private var brandLines: [Int32]
    private var pairs: [UInt64: Int32] = [:]
    private var pairLines: [UInt16] = []
    private var pairWeek: [UInt16] = []
    private var lastProducts: [Int32]
    private var lastProductCount: [Int32]

    /// Nothing has happened yet.
    init(_ tables: JourneyTables) {
        households = tables.households.count
        stores = tables.stores.count
        categories = tables.products.category.values.count
        types = tables.products.type.values.count
        manufacturers = Int(tables.products.manufacturerIndex.max() ?? -1) + 1
        brands = tables.products.brand.values.count
        baskets = Array(repeating: 0, count: households)
        lines = baskets
        couponLines = baskets
        lastWeek = baskets
        distinctProducts = baskets
        lastProductCount = baskets
        spend = Array(repeating: 0, count: households)
        discount = spend
        recentBaskets = Array(repeating: 0, count: households * HouseholdHistory.recentWeeks)
        recentSpend = Array(repeating: 0, count: households * HouseholdHistory.recentWeeks)
        storeBaskets = Array(repeating: 0, count: households * stores)
        categoryLines = Array(repeating: 0, count: households * categories)
        categoryWeek = categoryLines
        typeLines = Array(repeating: 0, count: households * types)
        manufacturerLines = Array(repeating: 0, count: households * manufacturers)
        brandLines = Array(repeating: 0, count: households * brands)
        lastProducts = Array(repeating: -1, count: households * HouseholdHistory.memory)
    }

    /// Remembers a week.
    mutating func absorb(_ week: JourneyWeek, of tables: JourneyTables) {
        let slot = week.week % HouseholdHistory.recentWeeks * households
        for household in 0..<households {
            recentBaskets[slot + household] = 0
            recentSpend[slot + household] = 0
        }
        let transactions = tables.transactions
        let number = UInt16(week.week)
        var seenBaskets: Set<Int64> = []
        for line in week.lines {
            let household = Int(transactions.household[line])
            let product = Int(transactions.product[line])
            if seenBaskets.insert(transactions.basket[line]).inserted {
                baskets[household] += 1
                recentBaskets[slot + household] += 1
                increment(&storeBaskets, household * stores + Int(transactions.store[line]))
            }
            lines[household] += 1
            if transactions.usesCoupon(line) { couponLines[household] += 1 }
            spend[household] += Double(transactions.sales[line])
            recentSpend[slot + household] += Double(transactions.sales[line])
            discount[household] += Double(transactions.cardDiscount[line])
            lastWeek[household] = Int32(week.week)
            let category = household * categories + Int(tables.products.category.codes[product])
            increment(&categoryLines, category)
            categoryWeek[category] = number
            increment(&typeLines, household * types + Int(tables.products.type.codes[product]))
            increment(
                &manufacturerLines,
                household * manufacturers + Int(tables.products.manufacturerIndex[product])
            )
            brandLines[household * brands + Int(tables.products.brand.codes[product])] += 1
            remember(product, of: household, week: number)
        }
    }

    private func increment(_ counts: inout [UInt16], _ index: Int) {
        if counts[index] < .max { counts[index] += 1 }
    }

    private mutating func remember(_ product: Int, of household: Int, week: UInt16) {
        let key = UInt64(household) << 32 | UInt64(product)
        if let pair = pairs[key] {
            increment(&pairLines, Int(pair))
            pairWeek[Int(pair)] = week
        } else {
            pairs[key] = Int32(pairLines.count)
            pairLines.append(1)
            pairWeek.append(week)
            distinctProducts[household] += 1
        }
        let position = Int(lastProductCount[household]) % HouseholdHistory.memory
        lastProducts[household * HouseholdHistory.memory + position] = Int32(product)
        lastProductCount[household] += 1
    }
}

extension HouseholdHistory {
    /// The columns `appendVisit` fills.
    static let visitColumns = [
        "household_visits", "household_visits_4w", "household_spend_4w",
        "household_spend_per_visit", "household_visit_recency", "household_products",
        "household_coupon_share", "household_discount_share", "store_visits",
    ]

    /// Appends what a household did before a week, as it enters a store in that week.
    func appendVisit(_ household: Int, store: Int, week: Int, to row: inout [Float]) {
        var recentVisits: Int32 = 0
        var recentDollars = 0.0
        for slot in 0..<HouseholdHistory.recentWeeks {
            recentVisits += recentBaskets[slot * households + household]
            recentDollars += recentSpend[slot * households + household]
        }
        let shelfValue = spend[household] + discount[household]
        row.append(Float(baskets[household]))
        row.append(Float(recentVisits))
        row.append(Float(recentDollars))
        row.append(Float(ratio(spend[household], Double(baskets[household]))))
        row.append(recency(Int(lastWeek[household]), week))
        row.append(Float(distinctProducts[household]))
        row.append(Float(ratio(Double(couponLines[household]), Double(lines[household]))))
        row.append(Float(ratio(discount[household], shelfValue)))
        row.append(Float(storeBaskets[household * stores + store]))
    }

    /// The columns `appendExposure` fills.
    static let exposureColumns = [
        "product_purchases", "product_recency", "type_purchases", "category_purchases",
        "category_recency", "category_share", "manufacturer_purchases", "brand_share",
    ]

    /// Appends what a household did before a week with a product and its kind.
    func appendExposure(
        _ household: Int,
        product: Int,
        week: Int,
        of products: JourneyProducts,
        to row: inout [Float]
    ) {
        let pair = pairs[UInt64(household) << 32 | UInt64(product)].map { Int($0) }
        let category = household * categories + Int(products.category.codes[product])
        let all = Double(lines[household])
        row.append(pair.map { Float(pairLines[$0]) } ?? 0)
        row.append(pair.map { recency(Int(pairWeek[$0]), week) } ?? 0)
        row.append(Float(typeLines[household * types + Int(products.type.codes[product])]))
        row.append(Float(categoryLines[category]))
        row.append(recency(Int(categoryWeek[category]), week))
        row.append(Float(ratio(Double(categoryLines[category]), all)))
        let manufacturer = Int(products.manufacturerIndex[product])
        row.append(Float(manufacturerLines[household * manufacturers + manufacturer]))
        let brand = brandLines[household * brands + Int(products.brand.codes[product])]
        row.append(Float(ratio(Double(brand), all)))
    }

    /// Appends the products bought last, the oldest first.
    func appendLastProducts(of household: Int, to products: inout [Int32]) {
        let count = Int(lastProductCount[household])
        let kept = min(count, HouseholdHistory.memory)
        for position in (count - kept)..<count {
            let slot = position % HouseholdHistory.memory
            products.append(lastProducts[household * HouseholdHistory.memory + slot])
        }
    }

    /// How near the last time is: 1 for the week before, 1/2 for the one before that, 0 for never.
    private func recency(_ last: Int, _ week: Int) -> Float {
        last == 0 ? 0 : 1 / Float(week - last)
    }

    private func ratio(_ part: Double, _ whole: Double) -> Double { whole > 0 ? part / whole : 0 }
}
