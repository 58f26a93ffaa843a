/// What may be shown at all, and how much of one kind.
///
/// Rules are asked of candidates before diversity, in the order of the properties here; the first that speaks
/// against one removes it. ``maximumPerCategory`` is kept while the list is chosen.
public struct BusinessRules: Hashable, Sendable {
    /// How often a user may be shown an item.
    public struct FrequencyCap: Hashable, Sendable {
        /// What its count is called in explanations, such as `seen_7d`.
        public var name: String
        /// The count at which the item is not shown again, at least 1.
        public var maximum: Int

        /// Creates a cap.
        public init(_ name: String, maximum: Int) {
            self.name = name
            self.maximum = maximum
        }
    }

    /// Items that are never shown.
    public var blockedItems: Set<String>
    /// Categories of which nothing is shown.
    public var blockedCategories: Set<String>
    /// Whether items without stock are left out.
    ///
    /// Items whose stock is not known are shown.
    public var requiresStock: Bool
    /// How often a user may be shown an item, by several counts.
    public var frequencyCaps: [FrequencyCap]
    /// The most items of one category in a list; nil for no limit.
    ///
    /// Items without a category are not counted.
    public var maximumPerCategory: Int?
    /// The same for single categories, in place of ``maximumPerCategory``.
    public var categoryMaxima: [String: Int]

    /// Creates rules; by default everything may be shown.
    ///
    /// - Throws: ``RankingError`` (`ranking_settings`) if a maximum is out of range.
    public init(
        blockedItems: Set<String> = [],
        blockedCategories: Set<String> = [],
        requiresStock: Bool = false,
        frequencyCaps: [FrequencyCap] = [],
        maximumPerCategory: Int? = nil,
        categoryMaxima: [String: Int] = [:]
    ) throws(RankingError) {
        self.blockedItems = blockedItems
        self.blockedCategories = blockedCategories
        self.requiresStock = requiresStock
        self.frequencyCaps = frequencyCaps
        self.maximumPerCategory = maximumPerCategory
        self.categoryMaxima = categoryMaxima
        for cap in frequencyCaps {
            try Self.check(cap.maximum, atLeast: 1, "frequency cap \"\(cap.name)\"")
        }
        if let maximumPerCategory {
            try Self.check(maximumPerCategory, atLeast: 1, "maximum per category")
        }
        for (category, maximum) in categoryMaxima.sorted(by: { $0.key < $1.key }) {
            try Self.check(maximum, atLeast: 0, "maximum of category \"\(category)\"")
        }
    }

    /// Why a candidate may not be shown; nil if it may.
    public func objection(to candidate: RankingCandidate) -> Objection? {
        if blockedItems.contains(candidate.item) { return .blockedItem }
        if let category = candidate.category, blockedCategories.contains(category) {
            return .blockedCategory(category)
        }
        if requiresStock, let stock = candidate.stock, stock <= 0 { return .outOfStock }
        for (cap, count) in zip(frequencyCaps, candidate.exposures) where count >= cap.maximum {
            return .frequencyCap(cap.name, count: count)
        }
        return candidate.score.isFinite ? nil : .noScore
    }

    /// The most items of a category in a list.
    func maximum(of category: String?) -> Int {
        guard let category else { return .max }
        return categoryMaxima[category] ?? maximumPerCategory ?? .max
    }

    private static func check(
        _ value: Int,
        atLeast least: Int,
        _ what: String
    ) throws(RankingError) {
        guard value >= least else {
            throw RankingError(
                .rankingSettings,
                "rules, \(what): out of range; expected at least \(least); received \(value)."
            )
        }
    }
}

extension BusinessRules {
    /// Why a candidate is not shown.
    public enum Objection: Hashable, Sendable, CustomStringConvertible {
        case blockedItem
        case blockedCategory(String)
        case outOfStock
        /// The cap's name, and how often the item was counted.
        case frequencyCap(String, count: Int)
        /// The score is not a finite number.
        case noScore

        /// A short sentence without a point.
        public var description: String {
            switch self {
            case .blockedItem: "the item is blocked"
            case .blockedCategory(let category): "the category \(category) is blocked"
            case .outOfStock: "out of stock"
            case .frequencyCap(let name, let count): "\(name) is \(count), which reaches its cap"
            case .noScore: "its score is not a finite number"
            }
        }

        /// The same as a name, for counts.
        public var code: String {
            switch self {
            case .blockedItem: "blocked_item"
            case .blockedCategory: "blocked_category"
            case .outOfStock: "out_of_stock"
            case .frequencyCap: "frequency_cap"
            case .noScore: "no_score"
            }
        }
    }
}
