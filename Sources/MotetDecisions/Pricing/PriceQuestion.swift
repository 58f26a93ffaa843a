/// What the price of an item follows from.
public struct PriceQuestion: Hashable, Sendable {
    /// The item.
    public var item: String
    /// The place of the shop the price is of; nil for all of it.
    public var scope: String?
    /// The price it has.
    public var present: Money
    /// What is believed of its demand; nil where nothing is known of it.
    public var belief: DemandBelief?
    /// The price it is to have where nothing is known of its demand.
    public var fallback: Money
    /// The prices it may have.
    public var rules: PriceRules
    /// What the price is chosen for.
    public var objective: PriceObjective
    /// The units that can be sold in a period; nil for any number.
    public var stock: Int?
    /// The version of the model that told the demand.
    public var model = ""
    /// Whether it read features that may have been old.
    public var isDegraded = false

    /// Asks for a price.
    ///
    /// - Parameters:
    ///   - item: the item.
    ///   - scope: the place of the shop the price is of; nil for all of it.
    ///   - present: the price it has.
    ///   - belief: what is believed of its demand; nil where nothing is known of it.
    ///   - fallback: the price it is to have then; the present one if left out.
    ///   - rules: the prices it may have.
    ///   - objective: what the price is chosen for.
    ///   - stock: the units that can be sold in a period; nil for any number.
    public init(
        item: String,
        scope: String? = nil,
        present: Money,
        belief: DemandBelief?,
        fallback: Money? = nil,
        rules: PriceRules,
        objective: PriceObjective,
        stock: Int? = nil
    ) {
        self.item = item
        self.scope = scope
        self.present = present
        self.belief = belief
        self.fallback = fallback ?? present
        self.rules = rules
        self.objective = objective
        self.stock = stock
    }
}

/// Why a price is what it is.
public enum PriceReason: String, CaseIterable, Hashable, Sendable, Codable {
    /// The best of those allowed, as far as is known.
    case best
    /// Drawn with its propensity.
    case explored
    /// No other price is allowed after the present one.
    case kept
    /// The price changed as often as it may; the present one stays.
    case limited
    /// No price that is allowed brings more than the item costs; the one that loses least of each unit.
    case noMargin = "no_margin"
    /// Nothing is known of the item's demand.
    case fallback
}
