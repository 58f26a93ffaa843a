/// What became of an event.
public enum EventOutcome: String, Hashable, Sendable {
    /// It counts from now on.
    case applied
    /// An event of the same id was applied before; nothing changed.
    case duplicate
    /// It is too far behind the newest event; nothing changed.
    case late
}

/// The ids of the events that may still come again, by the time of the event.
///
/// No event counts twice: one whose id is not remembered any more is late.
struct RecentIdentities: Sendable {
    private(set) var window: EventWindow
    private var known: Set<EventIdentity> = []
    private var byTile: [Int64: [EventIdentity]] = [:]

    init(lateness: Int64) { window = EventWindow(lateness: lateness) }

    /// The number of ids that are remembered.
    var count: Int { known.count }

    /// The time of the newest event; nil before any.
    var newest: Int64? { window.newest }

    /// Takes an id, unless it was taken before or comes too late.
    mutating func take(_ identity: EventIdentity, at time: Int64) -> EventOutcome {
        if window.isLate(time) { return .late }
        guard known.insert(identity).inserted else { return .duplicate }
        byTile[time / window.hop, default: []].append(identity)
        if window.advance(to: time) { forgetBelowFloor() }
        return .applied
    }

    /// The ids as they are stored, without the set that only ``take(_:at:)`` needs: a copy of it would be made
    /// by the next event while the snapshot lives.
    var stored: RecentIdentities {
        var copy = self
        copy.known = []
        return copy
    }

    /// Forgets the ids of tiles that end before the floor.
    private mutating func forgetBelowFloor() {
        guard let floor = window.floor else { return }
        for (tile, identities) in byTile where (tile + 1) * window.hop <= floor {
            for identity in identities { known.remove(identity) }
            byTile[tile] = nil
        }
    }
}

extension RecentIdentities {
    /// Appends the ids in the form they are stored in.
    func write(to writer: inout ByteWriter) {
        writer.write(signed: window.newest ?? -1)
        writer.write(signed: window.floor ?? -1)
        writer.write(count: byTile.count)
        for (tile, identities) in byTile.sorted(by: { $0.key < $1.key }) {
            writer.write(signed: tile)
            writer.write(count: identities.count)
            for identity in identities {
                writer.write(fixed: identity.high)
                writer.write(fixed: identity.low)
            }
        }
    }

    /// Reads ids that ``write(to:)`` wrote with the same lateness.
    ///
    /// - Parameters:
    ///   - reader: the bytes.
    ///   - lateness: the lateness.
    ///   - hasFloor: whether the floor was written; the first versions did not.
    /// - Throws: ``StoredBytesError`` when they are something else.
    init(
        from reader: inout ByteReader,
        lateness: Int64,
        hasFloor: Bool
    ) throws(StoredBytesError) {
        let newest = try reader.signed()
        let floor = hasFloor ? try reader.signed() : -1
        window = EventWindow(
            lateness: lateness,
            newest: newest < 0 ? nil : newest,
            floor: floor < 0 ? nil : floor
        )
        for _ in 0..<(try reader.count()) {
            let tile = try reader.signed()
            let count = try reader.count()
            var identities: [EventIdentity] = []
            identities.reserveCapacity(count)
            for _ in 0..<count {
                let high = try reader.fixed()
                let identity = EventIdentity(high: high, low: try reader.fixed())
                guard known.insert(identity).inserted else { throw .damaged }
                identities.append(identity)
            }
            byTile[tile] = identities
        }
    }

    /// The same ids for another lateness; those that no longer matter go with their tiles.
    func kept(for lateness: Int64) -> RecentIdentities {
        guard lateness != window.lateness else { return self }
        var other = self
        other.window = window.kept(for: lateness)
        other.byTile = [:]
        for (tile, identities) in byTile {
            // The latest time of the tile, so that none is forgotten too early.
            let last = (tile + 1) * window.hop - 1
            other.byTile[last / other.window.hop, default: []] += identities
        }
        return other
    }
}
