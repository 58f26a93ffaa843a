/// What kind of thing happened.
public enum EventKind: String, CaseIterable, Hashable, Sendable {
    /// An item's page was opened.
    case view
    /// An item of a list was clicked.
    case click
    /// An item was put into the basket.
    case cart
    /// An item was paid for.
    case purchase
    /// An item was given back.
    case returned = "return"
    /// Something was searched for.
    case search
    /// An item was shown in a list.
    case exposure

    /// The kind's number in stored bytes; it never changes.
    var code: UInt8 {
        switch self {
        case .view: 0
        case .click: 1
        case .cart: 2
        case .purchase: 3
        case .returned: 4
        case .search: 5
        case .exposure: 6
        }
    }

    /// The kind of a stored number, or nil.
    init?(code: UInt8) {
        guard let kind = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = kind
    }
}

/// Something a user did, or was shown, at a time.
///
/// The id tells events apart: a second event of the same id is the same event sent again.
public struct Event: Hashable, Sendable {
    /// What tells it from every other event.
    public var id: String
    /// When it happened, in milliseconds since 1970-01-01 00:00:00 UTC.
    public var time: Int64
    /// What happened.
    public var kind: EventKind
    /// Who did it.
    public var user: String
    /// The item it is about; only a search may have none.
    public var item: String?
    /// The item's category; where it is nil, an ``ItemTable`` may tell it.
    public var category: String?
    /// The place of the shop, such as `home` or `search`.
    public var scenario: String?
    /// What was searched for.
    public var query: String?
    /// How many pieces.
    public var quantity: Double
    /// The price of one piece.
    public var price: Double?

    /// Creates an event.
    public init(
        id: String,
        time: Int64,
        kind: EventKind,
        user: String,
        item: String? = nil,
        category: String? = nil,
        scenario: String? = nil,
        query: String? = nil,
        quantity: Double = 1,
        price: Double? = nil
    ) {
        self.id = id
        self.time = time
        self.kind = kind
        self.user = user
        self.item = item
        self.category = category
        self.scenario = scenario
        self.query = query
        self.quantity = quantity
        self.price = price
    }
}
