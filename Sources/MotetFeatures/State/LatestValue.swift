/// The place of an event among all: by time, events of one time by their ids' bits.
struct EventOrder: Hashable, Comparable, Sendable {
    let time: Int64
    let tie: UInt64

    static func < (left: EventOrder, right: EventOrder) -> Bool {
        (left.time, left.tie) < (right.time, right.tie)
    }
}

/// A number of the latest event that has one.
struct LatestValue: Hashable, Sendable {
    private(set) var order: EventOrder
    private(set) var value: Double

    init(_ value: Double, _ order: EventOrder) {
        self.value = value
        self.order = order
    }

    /// The later of two.
    mutating func merge(_ other: LatestValue) {
        if other.order > order { self = other }
    }
}
