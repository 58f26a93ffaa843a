/// The kinds of events a feature looks at, each with a weight.
public struct EventWeights: Hashable, Sendable {
    /// The weights by kind; a kind that is not there is not looked at.
    public let weights: [EventKind: Double]

    /// Creates weights.
    public init(_ weights: [EventKind: Double]) { self.weights = weights }

    /// Creates weights of 1.
    public init(_ kinds: Set<EventKind>) {
        weights = Dictionary(uniqueKeysWithValues: kinds.map { ($0, 1) })
    }

    /// The kinds that are looked at.
    public var kinds: Set<EventKind> { Set(weights.keys) }
}

/// A number of an event.
public enum EventNumber: String, CaseIterable, Hashable, Sendable {
    /// 1 for every event.
    case one
    /// The number of pieces.
    case quantity
    /// The price of one piece; an event without a price is passed over.
    case price
    /// Quantity times price; an event without a price is passed over.
    case amount

    /// The number of an event, or nil.
    func value(of event: Event) -> Double? {
        switch self {
        case .one: 1
        case .quantity: event.quantity
        case .price: event.price
        case .amount: event.price.map { $0 * event.quantity }
        }
    }
}

/// A text of an event.
public enum EventText: String, CaseIterable, Hashable, Sendable {
    /// The item.
    case item
    /// The item's category.
    case category
    /// The place of the shop.
    case scenario

    /// The text of an event, or nil.
    func value(of event: Event) -> String? {
        switch self {
        case .item: event.item
        case .category: event.category
        case .scenario: event.scenario
        }
    }
}

/// How far back a feature looks, in tiles of equal length; nil looks back without end.
public struct FeatureWindow: Hashable, Sendable {
    /// The length of a tile in milliseconds.
    public let hop: Int64
    /// How many tiles, the one of the time asked for among them.
    public let tiles: Int

    /// Creates a window.
    public init(hop: Int64, tiles: Int) {
        precondition(hop > 0 && tiles > 0, "FeatureWindow: tiles have a length and a number.")
        self.hop = hop
        self.tiles = tiles
    }
}

/// What a session's feature tells.
public enum SessionMeasure: String, CaseIterable, Hashable, Sendable {
    /// The number of its events.
    case events
    /// The seconds from its first event to the time asked for.
    case seconds
}

/// A feature: a name, what it is kept for, and a formula over the events before a time.
public struct FeatureDefinition: Hashable, Sendable {
    /// The formula; docs/serving/features.md has each in full.
    public enum Form: Hashable, Sendable {
        /// The number of events in a window.
        case count(Set<EventKind>, window: FeatureWindow?)
        /// The weighted sum of a number of the events in a window.
        case sum(EventWeights, of: EventNumber, window: FeatureWindow?)
        /// Events over other events in a window, `(n + strength * prior) / (d + strength)`.
        case rate(
            Set<EventKind>,
            per: Set<EventKind>,
            window: FeatureWindow?,
            prior: Double,
            strength: Double
        )
        /// The mean of a number of the events in a window, `(sum + strength * prior) / (n + strength)`.
        case mean(
            Set<EventKind>,
            of: EventNumber,
            window: FeatureWindow?,
            prior: Double,
            strength: Double
        )
        /// The weighted sum of a number of all events, each halved with every half-life (milliseconds) that
        /// went by since.
        case decayed(EventWeights, of: EventNumber, halfLife: Int64)
        /// The seconds since the last event; nil stands for missing where there is none.
        case recency(Set<EventKind>, fallback: Double?)
        /// A number of the last event that has it; nil stands for missing where there is none.
        case last(Set<EventKind>, of: EventNumber, fallback: Double?)
        /// A text of the last events that have it, the oldest first, `|` between them.
        case sequence(Set<EventKind>, of: EventText, length: Int, isDistinct: Bool)
        /// How many different texts the events of a window (milliseconds) have, at most a limit.
        case distinct(Set<EventKind>, of: EventText, window: Int64?, limit: Int)
        /// The session that goes on: events less than a gap (milliseconds) apart.
        case session(Set<EventKind>, gap: Int64, measure: SessionMeasure)
    }

    /// The name, which is that of its column.
    public let name: String
    /// What it is kept for.
    public let entity: FeatureEntity
    /// The formula.
    public let form: Form

    /// Creates a feature.
    public init(_ name: String, of entity: FeatureEntity, _ form: Form) {
        self.name = name
        self.entity = entity
        self.form = form
    }

    /// Whether the values are texts; else they are numbers.
    public var isText: Bool {
        if case .sequence = form { true } else { false }
    }
}
