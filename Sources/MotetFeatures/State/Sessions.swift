/// Stretches of time in which one event followed another within a gap.
///
/// An event that arrives late may lengthen a session or join two, so sessions stay as long as that can
/// happen: until their end is further back than the gap and the lateness together.
struct Sessions: Hashable, Sendable {
    /// One session.
    struct Session: Hashable, Sendable {
        /// The time of its first event.
        var start: Int64
        /// The time of its last event.
        var end: Int64
        /// The number of its events.
        var events: Int64
    }

    /// The sessions from the earliest to the latest.
    private(set) var sessions: [Session] = []

    init() {}

    init(_ sessions: [Session]) { self.sessions = sessions }

    /// Adds an event.
    mutating func add(at time: Int64, gap: Int64, lateness: Int64) {
        add(Session(start: time, end: time, events: 1), gap: gap, lateness: lateness)
    }

    /// The sessions of both.
    mutating func merge(_ other: Sessions, gap: Int64, lateness: Int64) {
        for session in other.sessions { add(session, gap: gap, lateness: lateness) }
    }

    private mutating func add(_ session: Session, gap: Int64, lateness: Int64) {
        // Nearly always the last session goes on.
        var first = sessions.count
        while first > 0, session.start - sessions[first - 1].end < gap { first -= 1 }
        var joined = session
        var last = first
        while last < sessions.count, sessions[last].start - joined.end < gap {
            joined.start = min(joined.start, sessions[last].start)
            joined.end = max(joined.end, sessions[last].end)
            joined.events += sessions[last].events
            last += 1
        }
        sessions.replaceSubrange(first..<last, with: CollectionOfOne(joined))
        let newest = sessions[sessions.count - 1].end
        let stale = sessions.prefix { $0.end <= newest - lateness - gap }.count
        if stale > 0 { sessions.removeFirst(stale) }
    }

    /// The session that goes on at a time, or nil.
    func current(at time: Int64, gap: Int64) -> Session? {
        guard let last = sessions.last, time - last.end < gap else { return nil }
        return last
    }
}
