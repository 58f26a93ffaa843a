/// Which events come too late, and from which time on the ids of others are remembered.
///
/// An event is late when its time is not after the newest event's less the lateness. As older ones are late,
/// their ids need not be remembered: they are forgotten tile by tile, a tile being a 24th of the lateness. The
/// floor says how far, and only rises: under a lateness that was raised since, an event whose id was forgotten
/// stays late.
package struct EventWindow: Hashable, Sendable {
    /// How far behind the newest event another may be, in milliseconds.
    package let lateness: Int64
    /// The time of the newest event; nil before any.
    package private(set) var newest: Int64?
    /// The ids of events before it may have been forgotten; nil before any was.
    package private(set) var floor: Int64?

    /// Creates a window; before any event where nothing is said.
    package init(lateness: Int64, newest: Int64? = nil, floor: Int64? = nil) {
        self.lateness = lateness
        self.newest = newest
        self.floor = floor
    }

    /// The length of a tile.
    package var hop: Int64 { max(1, lateness / 24) }

    /// Whether an event of a time comes too late.
    package func isLate(_ time: Int64) -> Bool {
        if let floor, time < floor { return true }
        guard let newest else { return false }
        return time <= newest - lateness
    }

    /// Notes the time of an event that is not late; whether the floor rose.
    package mutating func advance(to time: Int64) -> Bool {
        if let newest, time <= newest { return false }
        let before = newest
        newest = time
        guard before.map({ $0 / hop }) != time / hop else { return false }
        return raiseFloor()
    }

    /// The same events under another lateness; the floor is where ids may have been forgotten under this one.
    package func kept(for lateness: Int64) -> EventWindow {
        guard lateness != self.lateness else { return self }
        var window = self
        _ = window.raiseFloor()
        return EventWindow(lateness: lateness, newest: newest, floor: window.floor)
    }

    /// Raises the floor as far as events are late; whether it rose.
    private mutating func raiseFloor() -> Bool {
        guard let newest else { return false }
        let start = (newest - lateness + 1) / hop * hop
        guard start > floor ?? 0 else { return false }
        floor = start
        return true
    }
}
