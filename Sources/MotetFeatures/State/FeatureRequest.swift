/// An item that is to get features.
public struct FeatureCandidate: Hashable, Sendable {
    /// The item.
    public var item: String?
    /// Its category; where it is nil, an ``ItemTable`` may tell it.
    public var category: String?

    /// Creates a candidate.
    public init(item: String?, category: String? = nil) {
        self.item = item
        self.category = category
    }
}

/// A question for features: of a user in a place of the shop, and of any number of items.
public struct FeatureRequest: Hashable, Sendable {
    /// The user; nil for one that nothing is known of.
    public var user: String?
    /// The place of the shop.
    public var scenario: String?
    /// The items.
    public var items: [FeatureCandidate]
    /// The time asked for, in milliseconds since 1970.
    public var time: Int64

    /// Creates a request.
    public init(user: String?, scenario: String?, items: [FeatureCandidate], time: Int64) {
        self.user = user
        self.scenario = scenario
        self.items = items
        self.time = time
    }
}

/// The categories of items, for events and requests that do not tell them.
public struct ItemTable: Hashable, Sendable {
    /// The categories by item.
    public var categories: [String: String]

    /// Creates a table.
    public init(_ categories: [String: String] = [:]) { self.categories = categories }

    /// The event with its item's category.
    public func resolved(_ event: Event) -> Event {
        guard event.category == nil, let item = event.item, let category = categories[item] else {
            return event
        }
        var event = event
        event.category = category
        return event
    }

    /// The category of a candidate.
    func category(of candidate: FeatureCandidate) -> String? {
        candidate.category ?? candidate.item.flatMap { categories[$0] }
    }
}
