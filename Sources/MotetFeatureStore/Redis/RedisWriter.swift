import Foundation
import MotetFeatures

/// Takes events into the parts in Redis: reads, computes, and writes if nothing has changed meanwhile.
///
/// It is used by one thread at a time.
final class RedisWriter: Sendable {
    private let parts: RedisParts
    private let link: RedisLink
    /// What tells it from all other writers.
    private let name: String
    private let patience: Duration
    private let leaseMilliseconds: Int

    init(_ parts: RedisParts, _ link: RedisLink, _ options: RedisFeatureStore.Options) {
        self.parts = parts
        self.link = link
        name = UUID().uuidString
        leaseMilliseconds = options.timeoutMilliseconds
        patience = .milliseconds(5 * options.timeoutMilliseconds)
    }

    /// What became of events before they were written, and what is to be written.
    private struct Attempt {
        var outcomes: [EventOutcome] = []
        var changed: [StatePartName: StatePart] = [:]
        var forgets: Int64 = 0
        /// Whether another writer has the lease.
        var isBusy = false
        /// Whether Redis has lost what it was told of the layout.
        var isUnprepared = false
    }

    /// Takes events in, all or none.
    ///
    /// - Parameter events: checked events.
    /// - Returns: what became of each.
    /// - Throws: ``RedisFailure``; where the connection broke after the events were sent, nobody knows whether
    ///   they count.
    func apply(_ events: [Event]) throws(RedisFailure) -> [EventOutcome] {
        let ids = events.map { identityBytes(of: $0.id) }
        let names = parts.rules.parts(of: events)
        let deadline = ContinuousClock.now + patience
        repeat {
            if parts.isOutdated { throw .refused(Self.outdated) }
            var versions: [StatePartName: [UInt8]] = [:]
            let attempt = try link.use { (connection) throws(RedisFailure) in
                try self.attempt(events, ids, names, &versions, connection)
            }
            if attempt.isUnprepared {
                try link.use { (connection) throws(RedisFailure) in try parts.prepare(connection) }
                continue
            }
            if !attempt.isBusy {
                guard attempt.outcomes.contains(.applied) else { return attempt.outcomes }
                if try write(attempt, events, ids, versions) { return attempt.outcomes }
            }
            Thread.sleep(forTimeInterval: Double.random(in: 0.0005...0.004))
        } while ContinuousClock.now < deadline
        throw .crowded("other servers write the same keys all the time; send the events again")
    }

    private static let outdated =
        "another server keeps other features there since; expected the same `online_features` on all "
        + "servers. Start this one again with the configuration of the others"

    private func attempt(
        _ events: [Event],
        _ ids: [[UInt8]],
        _ names: [StatePartName],
        _ versions: inout [StatePartName: [UInt8]],
        _ connection: RedisConnection
    ) throws(RedisFailure) -> Attempt {
        let keys = parts.keys
        var scores = RedisCommand("ZMSCORE", keys.ids)
        for id in ids { scores.append(id) }
        let reading = try parts.read(
            names,
            with: [
                RedisCommand("GET", keys.lease),
                RedisCommand("HMGET", keys.about, "layout", "newest", "floor"), scores,
            ],
            connection
        )
        var attempt = Attempt(forgets: reading.forgets)
        let about = reading.replies[1].elements
        guard let layout = about.first?.string else {
            attempt.isUnprepared = true
            return attempt
        }
        guard layout == parts.fingerprint else { throw .refused(Self.outdated) }
        let holder = reading.replies[0].string
        if let holder, holder != name {
            attempt.isBusy = true
            return attempt
        }
        let window = EventWindow(
            lateness: parts.rules.window.lateness,
            newest: about[1].number,
            floor: about[2].number
        )
        var current: [StatePartName: StatePart] = [:]
        for (name, stored) in zip(names, reading.parts) {
            versions[name] = stored.version
            if stored.version.contains(where: { $0 != 0 }) { current[name] = stored.part }
        }
        compute(&attempt, events, ids, reading.replies[2].elements, window, current)
        return attempt
    }

    private func compute(
        _ attempt: inout Attempt,
        _ events: [Event],
        _ ids: [[UInt8]],
        _ scores: [RedisReply],
        _ start: EventWindow,
        _ current: [StatePartName: StatePart]
    ) {
        var window = start
        var current = current
        var taken: [[UInt8]: Int64] = [:]
        var names: Set<StatePartName> = []
        for (place, event) in events.enumerated() {
            guard !window.isLate(event.time) else {
                attempt.outcomes.append(.late)
                continue
            }
            let known = taken[ids[place]] ?? scores[place].number
            if let known, known >= window.floor ?? 0 {
                attempt.outcomes.append(.duplicate)
                continue
            }
            taken[ids[place]] = event.time
            _ = window.advance(to: event.time)
            names.formUnion(parts.rules.apply(event, to: &current))
            attempt.outcomes.append(.applied)
        }
        attempt.changed = current.filter { names.contains($0.key) && !$0.value.isEmpty }
    }

    /// Writes an attempt; false where something it was made from has changed.
    private func write(
        _ attempt: Attempt,
        _ events: [Event],
        _ ids: [[UInt8]],
        _ versions: [StatePartName: [UInt8]]
    ) throws(RedisFailure) -> Bool {
        let version = UInt64.random(in: 1 ... .max)
        let changed = attempt.changed.map { ($0.key, parts.bytes($0.value, version: version)) }
        let keys = parts.keys
        let window = parts.rules.window
        let reply = try link.use(repeats: false) { (connection) throws(RedisFailure) in
            try parts.run(
                .apply,
                keys: [keys.lease, keys.about, keys.ids]
                    + changed.map { keys.part($0.0.dimension, $0.0.value) },
                connection
            ) { command in
                command.append(name)
                command.append(String(leaseMilliseconds))
                command.append(parts.fingerprint)
                command.append(String(window.lateness))
                command.append(String(window.hop))
                command.append(Array(ids.joined()))
                command.append(
                    events.flatMap { RedisParts.fixed(UInt64(bitPattern: $0.time)) }
                )
                command.append(attempt.outcomes.map(\.letter))
                command.append(changed.flatMap { versions[$0.0] ?? [] })
                for (_, bytes) in changed { command.append(bytes) }
            }
        }
        switch reply.string {
        case "done":
            parts.remember(changed.map { ($0.0, Optional($0.1)) }, attempt.forgets)
            return true
        case "busy", "conflict", "layout": return false
        default: throw .refused("an answer the script does not give")
        }
    }
}

extension EventOutcome {
    /// What the script calls it.
    fileprivate var letter: UInt8 {
        switch self {
        case .applied: UInt8(ascii: "a")
        case .duplicate: UInt8(ascii: "d")
        case .late: UInt8(ascii: "l")
        }
    }
}
