import MotetCore

/// What a feature may be about.
public enum FeatureDimension: String, CaseIterable, Hashable, Sendable, Comparable {
    /// The user.
    case user
    /// The item.
    case item
    /// The item's category.
    case category
    /// The place of the shop.
    case scenario

    /// The order in which the dimensions of an entity stand.
    public static func < (left: FeatureDimension, right: FeatureDimension) -> Bool {
        left.place < right.place
    }

    fileprivate var place: Int {
        switch self {
        case .user: 0
        case .item: 1
        case .category: 2
        case .scenario: 3
        }
    }
}

/// What a feature is kept for: a user, an item, a user with a category and so on, or everything at once.
public struct FeatureEntity: Hashable, Sendable, CustomStringConvertible {
    /// The dimensions in their order, each once; none for everything at once.
    public let dimensions: [FeatureDimension]

    /// Creates an entity; the order of the dimensions does not matter.
    public init(_ dimensions: Set<FeatureDimension>) { self.dimensions = dimensions.sorted() }

    /// The dimensions with `*` between them, such as `user*category`; `all` for none.
    public var description: String {
        dimensions.isEmpty ? "all" : dimensions.map(\.rawValue).joined(separator: "*")
    }

    /// Whether features of this entity differ between the candidates of one request.
    public var dependsOnItem: Bool { dimensions.contains(.item) || dimensions.contains(.category) }
}
