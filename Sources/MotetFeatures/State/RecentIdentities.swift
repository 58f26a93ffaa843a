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
/// An event is late when its time is not after the newest event's less the lateness. As older ones are late,
/// their ids need not be remembered, and no event counts twice.
struct RecentIdentities: Sendable {
    private let lateness: Int64
    private var known: Set<EventIdentity> = []
    private var byTile: [Int64: [EventIdentity]] = [:]
    /// The time of the newest event; nil before any.
    private(set) var newest: Int64?

    init(lateness: Int64) { self.lateness = lateness }

    /// The number of ids that are remembered.
    var count: Int { known.count }

    private var hop: Int64 { max(1, lateness / 24) }

    /// Takes an id, unless it was taken before or comes too late.
    mutating func take(_ identity: EventIdentity, at time: Int64) -> EventOutcome {
        if let newest, time <= newest - lateness { return .late }
        guard known.insert(identity).inserted else { return .duplicate }
        byTile[time / hop, default: []].append(identity)
        if let newest, time <= newest { return .applied }
        let before = newest
        newest = time
        if before.map({ $0 / hop }) != time / hop { forget(through: time - lateness) }
        return .applied
    }

    /// The ids as they are stored, without the set that only ``take(_:at:)`` needs: a copy of it would be made
    /// by the next event while the snapshot lives.
    var stored: RecentIdentities {
        var copy = self
        copy.known = []
        return copy
    }

    /// Forgets the ids of tiles that hold no time after one.
    private mutating func forget(through time: Int64) {
        for (tile, identities) in byTile where (tile + 1) * hop - 1 <= time {
            for identity in identities { known.remove(identity) }
            byTile[tile] = nil
        }
    }
}

extension RecentIdentities {
    /// Appends the ids in the form they are stored in.
    func write(to writer: inout ByteWriter) {
        writer.write(signed: newest ?? -1)
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
    init(from reader: inout ByteReader, lateness: Int64) throws(StoredBytesError) {
        self.init(lateness: lateness)
        let newest = try reader.signed()
        self.newest = newest < 0 ? nil : newest
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
        guard lateness != self.lateness else { return self }
        var other = RecentIdentities(lateness: lateness)
        other.newest = newest
        other.known = known
        for (tile, identities) in byTile {
            // The latest time of the tile, so that none is forgotten too early.
            other.byTile[((tile + 1) * hop - 1) / other.hop, default: []] += identities
        }
        return other
    }
}
