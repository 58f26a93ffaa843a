/// A set of kinds of events.
struct EventKindSet: Hashable, Sendable {
    private var bits: UInt8 = 0

    init(_ kinds: Set<EventKind>) {
        for kind in kinds { bits |= 1 << kind.code }
    }

    func contains(_ kind: EventKind) -> Bool { bits >> kind.code & 1 == 1 }

    mutating func formUnion(_ other: EventKindSet) { bits |= other.bits }

    /// The names, with `+` between them.
    var signature: String {
        EventKind.allCases.filter { contains($0) }.map(\.rawValue).joined(separator: "+")
    }
}

/// Weights of kinds of events by their codes; a kind without one is not looked at.
struct EventKindWeights: Hashable, Sendable {
    private let weights: [Double?]

    init(_ weights: EventWeights) {
        var list = [Double?](repeating: nil, count: EventKind.allCases.count)
        for (kind, weight) in weights.weights { list[Int(kind.code)] = weight }
        self.weights = list
    }

    subscript(kind: EventKind) -> Double? { weights[Int(kind.code)] }

    /// The kinds that have a weight.
    var kinds: EventKindSet { EventKindSet(Set(EventKind.allCases.filter { self[$0] != nil })) }

    /// Names with weights, with `+` between them.
    var signature: String {
        EventKind.allCases.compactMap { kind in self[kind].map { "\(kind.rawValue):\($0)" } }
            .joined(separator: "+")
    }
}

/// Tiles of a window, or one tile that never ends.
struct TileRule: Hashable, Sendable {
    /// The length of a tile in milliseconds; 0 for one that never ends.
    let hop: Int64
    /// How many tiles are looked at.
    let tiles: Int64

    init(_ window: FeatureWindow?) {
        hop = window?.hop ?? 0
        tiles = Int64(window?.tiles ?? 1)
    }

    /// The tile of a time.
    func index(_ time: Int64) -> Int64 { hop == 0 ? 0 : time / hop }

    var signature: String { "\(hop)x\(tiles)" }
}

/// How many events there were.
struct CountStatistic: Hashable, Sendable {
    let kinds: EventKindSet
    /// Only events that have this number count.
    let number: EventNumber
    let rule: TileRule

    var signature: String { "count \(kinds.signature) \(number.rawValue) \(rule.signature)" }
}

/// A weighted sum of a number of the events.
struct SumStatistic: Hashable, Sendable {
    let weights: EventKindWeights
    let number: EventNumber
    /// The window's tiles, or those of the blocks of a decayed sum.
    let rule: TileRule
    /// The half-life of a decayed sum; nil for one over a window.
    let halfLife: Int64?

    init(_ weights: EventWeights, _ number: EventNumber, window: FeatureWindow?) {
        self.weights = EventKindWeights(weights)
        self.number = number
        rule = TileRule(window)
        halfLife = nil
    }

    init(_ weights: EventWeights, _ number: EventNumber, halfLife: Int64) {
        self.weights = EventKindWeights(weights)
        self.number = number
        let block = DecayedTime.blockLength(halfLife: halfLife)
        rule = TileRule(FeatureWindow(hop: block, tiles: Int(DecayedTime.blocks)))
        self.halfLife = halfLife
    }

    /// What an event adds, as a whole number; nil where it is not looked at.
    func part(of event: Event) -> Int128? {
        guard let weight = weights[event.kind], let value = number.value(of: event) else {
            return nil
        }
        guard let halfLife else { return FixedPoint.stored(weight * value) }
        return DecayedTime.stored(weight * value, at: event.time, halfLife: halfLife)
    }

    var signature: String {
        let decay = halfLife.map { " half-life \($0)" } ?? ""
        return "sum \(weights.signature) \(number.rawValue) \(rule.signature)\(decay)"
    }
}

/// Numbers as whole numbers of 2^-20, so that sums are exact in any order.
enum FixedPoint {
    static func stored(_ value: Double) -> Int128 { Int128((value * 0x1p20).rounded()) }
    static func value(_ stored: Int128) -> Double { Double(stored) * 0x1p-20 }
}

/// When the last event was.
struct TimeStatistic: Hashable, Sendable {
    let kinds: EventKindSet

    var signature: String { "time \(kinds.signature)" }
}

/// A number of the last event that has it.
struct ValueStatistic: Hashable, Sendable {
    let kinds: EventKindSet
    let number: EventNumber

    var signature: String { "value \(kinds.signature) \(number.rawValue)" }
}

/// Where the texts of a statistic come from.
enum TextSource: Hashable, Sendable {
    /// One of the event's texts.
    case text(EventText)
    /// All that a profile asks of an action.
    case action

    /// The text of an event, or nil.
    func value(of event: Event) -> String? {
        switch self {
        case .text(let text): text.value(of: event)
        case .action: UserAction.text(of: event)
        }
    }

    var signature: String {
        switch self {
        case .text(let text): text.rawValue
        case .action: "action"
        }
    }
}

/// Texts of the last events that have it.
struct TextStatistic: Hashable, Sendable {
    let kinds: EventKindSet
    let text: TextSource
    let length: Int
    let isDistinct: Bool

    var signature: String {
        "text \(kinds.signature) \(text.signature) \(length)\(isDistinct ? " distinct" : "")"
    }
}

/// Sessions of events.
struct SessionStatistic: Hashable, Sendable {
    let kinds: EventKindSet
    let gap: Int64

    var signature: String { "session \(kinds.signature) \(gap)" }
}
