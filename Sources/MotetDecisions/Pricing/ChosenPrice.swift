/// A price that was chosen for a period, with what it followed from.
public struct ChosenPrice: Hashable, Sendable {
    /// What was asked.
    public var question: PriceQuestion
    /// The number of the period.
    public var period: Int64
    /// How many prices were chosen for the item in the period before: 0 unless rules changed.
    public var revision: Int
    /// When it was chosen, in milliseconds since 1970.
    public var time: Int64
    /// The price.
    public var price: Money
    /// The probability with which it was to be chosen.
    public var propensity: Double
    /// Why it is.
    public var reason: PriceReason
    /// The best price, as far as was known.
    public var best: Money

    /// States what was chosen.
    public init(
        _ question: PriceQuestion,
        period: Int64,
        revision: Int,
        time: Int64,
        price: Money,
        propensity: Double,
        reason: PriceReason,
        best: Money
    ) {
        self.question = question
        self.period = period
        self.revision = revision
        self.time = time
        self.price = price
        self.propensity = propensity
        self.reason = reason
        self.best = best
    }

    /// What outcomes are joined by: the period, the revision, the place of the shop and the item.
    public var name: String {
        Self.name(question, period: period, revision: revision)
    }

    static func name(_ question: PriceQuestion, period: Int64, revision: Int) -> String {
        // Built for each price of each request, so without texts in between.
        var name = String(period)
        name += "."
        name += String(revision)
        name += "@"
        if let scope = question.scope {
            name += scope
            name += "@"
        }
        name += question.item
        return name
    }

    /// Whether nothing was known of the item's demand.
    public var isFallback: Bool { question.belief == nil }

    /// Whether it is another price than before.
    public var isChange: Bool { price != question.present }

    /// The units a period expected at the price, no more than the stock; nil where nothing is known.
    public var units: Double? {
        question.belief.map { Sales.expected(mean: $0.units(at: price), stock: question.stock) }
    }

    /// The objective expected of it; nil where nothing is known.
    public var value: Double? { units.map { question.objective.value(of: $0, at: price) } }
}
