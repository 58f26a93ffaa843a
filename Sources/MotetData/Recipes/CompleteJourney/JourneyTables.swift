/// The lines of all baskets, column by column, in the order of their weeks and times.
struct JourneyTransactions: Sendable {
    /// Dense indices into the households, stores and products of ``JourneyTables``.
    var household: [Int32] = []
    var store: [Int32] = []
    var product: [Int32] = []
    /// A number that lines of one basket share.
    var basket: [Int64] = []
    var week: [Int32] = []
    var quantity: [Int32] = []
    /// Dollars: what the shop received, and the discounts of its card, of coupons, and of the
    /// shop's match of coupons.
    var sales: [Float] = []
    var cardDiscount: [Float] = []
    var couponDiscount: [Float] = []
    var matchDiscount: [Float] = []

    /// The number of lines.
    var count: Int { week.count }

    /// Whether a coupon was used on a line.
    func usesCoupon(_ line: Int) -> Bool { couponDiscount[line] > 0 || matchDiscount[line] > 0 }

    /// The shelf price of one piece without and with the shop's card, or nil where a line tells
    /// none (no pieces, or nothing paid and nothing discounted).
    func prices(_ line: Int) -> (regular: Float, withCard: Float)? {
        guard quantity[line] > 0 else { return nil }
        let pieces = Float(quantity[line])
        let withCard = (sales[line] + matchDiscount[line]) / pieces
        let regular = withCard + cardDiscount[line] / pieces
        return regular > 0 ? (regular, withCard) : nil
    }

    /// The lines in the order given.
    func reordered(_ order: [Int]) -> JourneyTransactions {
        func pick<Value>(_ values: [Value]) -> [Value] { order.map { values[$0] } }
        return JourneyTransactions(
            household: pick(household),
            store: pick(store),
            product: pick(product),
            basket: pick(basket),
            week: pick(week),
            quantity: pick(quantity),
            sales: pick(sales),
            cardDiscount: pick(cardDiscount),
            couponDiscount: pick(couponDiscount),
            matchDiscount: pick(matchDiscount)
        )
    }
}

/// What is known of every product before any week: its attributes, and the campaigns whose coupons
/// cover it.
struct JourneyProducts: Sendable {
    var ids: [Int32] = []
    var department = TextColumn()
    var category = TextColumn()
    var type = TextColumn()
    var brand = TextColumn()
    var packageSize = TextColumn()
    var manufacturer: [Int32] = []
    /// Dense numbers of the manufacturers, for counting.
    var manufacturerIndex: [Int32] = []
    /// One bit for each campaign with a coupon for the product.
    var campaigns: [UInt64] = []
    /// How many products are bought or promoted but not described; they come last.
    var undescribed = 0

    /// The number of products.
    var count: Int { ids.count }
}

/// What is known of every household before any week.
struct JourneyHouseholds: Sendable {
    /// The demographic questions, in the order of the columns.
    static let questions = [
        "age", "income", "home_ownership", "marital_status", "household_size", "household_comp",
        "kids_count",
    ]

    var ids: [Int32] = []
    /// The answers, one column a question; `unknown` where the household gave none.
    var answers: [TextColumn] = []
    /// One bit for each campaign the household was sent.
    var campaigns: [UInt64] = []

    /// The number of households.
    var count: Int { ids.count }
}

/// When a campaign ran, in days since 1970-01-01, and its type.
struct JourneyCampaign: Hashable, Sendable {
    var type: String
    var firstDay: Int
    var lastDay: Int
}

/// All of the Complete Journey, by dense indices.
struct JourneyTables: Sendable {
    var households = JourneyHouseholds()
    var stores: [Int32] = []
    var products = JourneyProducts()
    var campaigns: [JourneyCampaign] = []
    var transactions = JourneyTransactions()
    var promotions = PromotionCalendar()

    /// The last week with a transaction; weeks count from 1.
    var lastWeek: Int { Int(transactions.week.last ?? 0) }

    /// The first day of a week, in days since 1970-01-01: a Monday; week 2 begins on 2017-01-02,
    /// and week 1 is cut off but for its Sunday.
    static func firstDay(ofWeek week: Int) -> Int { 17_168 + 7 * (week - 2) }

    /// The campaigns that run on the first day of a week, one bit each.
    func campaignsRunning(inWeek week: Int) -> UInt64 {
        let day = JourneyTables.firstDay(ofWeek: week)
        var mask: UInt64 = 0
        for (bit, campaign) in campaigns.enumerated()
        where campaign.firstDay <= day && day <= campaign.lastDay {
            mask |= 1 << UInt64(bit)
        }
        return mask
    }
}
