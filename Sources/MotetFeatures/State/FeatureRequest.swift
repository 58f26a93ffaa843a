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

/// The features of a request, column by column, in the order of the definitions.
public struct FeatureTable: Hashable, Sendable {
    /// The values of a column.
    public enum Values: Hashable, Sendable {
        /// Numbers; NaN stands for missing.
        case numbers([Float])
        /// Texts; empty where nothing was seen.
        case texts([String])

        /// Whether two columns are the same in every bit.
        public static func == (left: Values, right: Values) -> Bool {
            switch (left, right) {
            case (.numbers(let left), .numbers(let right)):
                left.elementsEqual(right) { $0.bitPattern == $1.bitPattern }
            case (.texts(let left), .texts(let right)): left == right
            default: false
            }
        }

        /// Hashes every bit.
        public func hash(into hasher: inout Hasher) {
            switch self {
            case .numbers(let numbers): for number in numbers { hasher.combine(number.bitPattern) }
            case .texts(let texts): hasher.combine(texts)
            }
        }
    }

    /// A column.
    public struct Column: Hashable, Sendable {
        /// The feature's name.
        public let name: String
        /// Whether all items have one value, which is then the only one.
        public let isShared: Bool
        /// One value, or one for each item.
        public let values: Values

        /// The value of an item.
        public subscript(row: Int) -> FeatureValue {
            switch values {
            case .numbers(let values): .number(values[isShared ? 0 : row])
            case .texts(let values): .text(values[isShared ? 0 : row])
            }
        }
    }

    /// The number of items.
    public let rowCount: Int
    /// The columns.
    public let columns: [Column]
    /// Whether the store could not be asked for all of it: the rest is what was known last, or as without events.
    public internal(set) var isDegraded = false

    /// The values of an item, column by column.
    public func row(_ row: Int) -> [FeatureValue] { columns.map { $0[row] } }
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
