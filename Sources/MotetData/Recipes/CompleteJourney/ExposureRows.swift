import Foundation

/// Rows of the exposure log, column by column, before they become a table.
struct ExposureRows: Sendable {
    /// The columns of numbers that are features, in order.
    static let numberColumns =
        HouseholdHistory.visitColumns + campaignColumns + calendarColumns
        + HouseholdHistory.exposureColumns + ProductHistory.columns
        + ["coupon_available", "promoted_weeks_4w"]
    private static let campaignTypes = ["Type A", "Type B", "Type C"]
    private static let campaignColumns = [
        "campaigns_type_a", "campaigns_type_b", "campaigns_type_c",
    ]
    private static let calendarColumns = ["week_sin", "week_cos"]

    /// The number of rows.
    var count: Int { product.count }

    private var week: [Int32] = []
    private var household: [Int32] = []
    private var store: [Int32] = []
    private var product: [Int32] = []
    private var kind: [Int32] = []
    private var display: [Int32] = []
    private var mailer: [Int32] = []
    private var priceSource: [Int32] = []
    // All number columns of a row stand together; they are taken apart when a table is made.
    private var numbers: [Float] = []
    private var lastProducts: [Int32] = []
    private var lastProductEnds: [Int32] = [0]
    private var bought: [Int32] = []
    private var quantity: [Float] = []
    private var couponUsed: [Float] = []
    private var weight: [Float] = []

    /// What all exposures of one visit share.
    struct Visit: Sendable {
        let household: Int
        let store: Int
        let week: Int
        let runningCampaigns: UInt64
        fileprivate var numbers: [Float] = []
        fileprivate var lastProducts: [Int32] = []
    }

    /// Asks the history what is known of a visit as it begins.
    static func visit(
        household: Int,
        store: Int,
        week: Int,
        history: HouseholdHistory,
        tables: JourneyTables,
        campaigns: UInt64
    ) -> Visit {
        let running = campaigns & tables.households.campaigns[household]
        var visit = Visit(
            household: household,
            store: store,
            week: week,
            runningCampaigns: running
        )
        history.appendVisit(household, store: store, week: week, to: &visit.numbers)
        for type in campaignTypes {
            let count = tables.campaigns.indices.count {
                running >> UInt64($0) & 1 == 1 && tables.campaigns[$0].type == type
            }
            visit.numbers.append(Float(count))
        }
        let angle = 2 * Double.pi * Double(week) / 52
        visit.numbers.append(Float(sin(angle)))
        visit.numbers.append(Float(cos(angle)))
        history.appendLastProducts(of: household, to: &visit.lastProducts)
        return visit
    }

    /// Appends the features of an exposure; its labels follow with `appendLabels`.
    mutating func append(
        _ promotion: Promotion,
        kind: ExposureKind,
        promotedWeeks: Int,
        visit: Visit,
        households: HouseholdHistory,
        products: ProductHistory,
        tables: JourneyTables
    ) {
        let index = promotion.product
        week.append(Int32(visit.week))
        household.append(Int32(visit.household))
        store.append(Int32(visit.store))
        product.append(Int32(index))
        self.kind.append(Int32(kind.rawValue))
        display.append(Int32(promotion.display))
        mailer.append(Int32(promotion.mailer))
        numbers.append(contentsOf: visit.numbers)
        households.appendExposure(
            visit.household,
            product: index,
            week: visit.week,
            of: tables.products,
            to: &numbers
        )
        let source = products.append(index, store: visit.store, of: tables.products, to: &numbers)
        priceSource.append(source.rawValue)
        let hasCoupon = visit.runningCampaigns & tables.products.campaigns[index] != 0
        numbers.append(hasCoupon ? 1 : 0)
        numbers.append(Float(promotedWeeks))
        lastProducts.append(contentsOf: visit.lastProducts)
        lastProductEnds.append(Int32(lastProducts.count))
    }

    /// Appends what became of the exposure; quantity and coupon are missing unless it was bought.
    mutating func appendLabels(_ purchase: JourneyWeek.Purchase?, weight: Float) {
        bought.append(purchase == nil ? 0 : 1)
        // A line without pieces tells no quantity.
        quantity.append(purchase.map { $0.quantity > 0 ? Float($0.quantity) : .nan } ?? .nan)
        couponUsed.append(purchase.map { $0.usesCoupon ? 1 : 0 } ?? .nan)
        self.weight.append(weight)
    }

    /// The rows as a table.
    func table(_ tables: JourneyTables) -> RecipeTable {
        func of(_ column: TextColumn, _ indices: [Int32]) -> RecipeTable.Values {
            .texts(
                TextColumn(codes: indices.map { column.codes[Int($0)] }, values: column.values)
            )
        }
        func ids(_ all: [Int32], _ indices: [Int32]) -> RecipeTable.Values {
            .integers(indices.map { all[Int($0)] })
        }
        let products = tables.products
        let places = PromotionPlace.names
        var table = RecipeTable()
        table.add("week", .integers(week))
        table.add("household_id", ids(tables.households.ids, household))
        table.add("store_id", ids(tables.stores, store))
        table.add("product_id", ids(products.ids, product))
        let kinds = ExposureKind.allCases.map(\.name)
        table.add("exposure", .texts(TextColumn(codes: kind, values: kinds)))
        table.add("display_location", .texts(TextColumn(codes: display, values: places)))
        table.add("mailer_location", .texts(TextColumn(codes: mailer, values: places)))
        table.add("department", of(products.department, product))
        table.add("product_category", of(products.category, product))
        // The number of a category is what `recent_categories` lists.
        table.add("category_id", .integers(product.map { products.category.codes[Int($0)] }))
        table.add("product_type", of(products.type, product))
        table.add("brand", of(products.brand, product))
        table.add("manufacturer_id", ids(products.manufacturer, product))
        table.add("package_size", of(products.packageSize, product))
        for (question, answers) in zip(JourneyHouseholds.questions, tables.households.answers) {
            table.add(question, of(answers, household))
        }
        let sources = ProductHistory.PriceSource.allCases.map(\.name)
        table.add("price_source", .texts(TextColumn(codes: priceSource, values: sources)))
        let width = ExposureRows.numberColumns.count
        for (column, name) in ExposureRows.numberColumns.enumerated() {
            table.add(name, .numbers((0..<count).map { numbers[$0 * width + column] }))
        }
        table.add(
            "recent_products",
            .integerLists(
                offsets: lastProductEnds,
                values: lastProducts.map { products.ids[Int($0)] }
            )
        )
        let categories = lastProducts.map { products.category.codes[Int($0)] }
        table.add(
            "recent_categories",
            .integerLists(offsets: lastProductEnds, values: categories)
        )
        table.add("bought", .integers(bought))
        table.add("quantity", .numbers(quantity))
        table.add("coupon_used", .numbers(couponUsed))
        table.add("weight", .numbers(weight))
        return table
    }
}
