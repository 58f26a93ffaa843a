import MotetFeatures
import Synchronization

/// The parts of the state in Redis, and what was last known of them.
///
/// A part is stored as 8 bytes that differ after every change, 8 that name its layout, and its keys.
final class RedisParts: Sendable {
    /// A part as it was read: its version, zeros where there was none, and what is in it.
    struct Stored {
        var version: [UInt8]
        var part: StatePart
    }

    /// What was read at once.
    struct Reading {
        /// The answers to what else was asked.
        var replies: [RedisReply]
        /// The parts, in the order of their names.
        var parts: [Stored]
        /// How often something had been forgotten.
        var forgets: Int64
    }

    private struct Known {
        var layouts: [UInt64: StoredLayout] = [:]
        var cache: PartCache
        var forgets: Int64?
        var hashes: [RedisScript: String] = [:]
        var emptyFeatures: [String] = []
        var isEmptyNews = false
        var mayTakeOver = true
        var isOutdated = false
        var keepsEveryWrite: Bool?
    }

    let rules: PartedFeatures
    let keys: RedisKeys
    private let known: Mutex<Known>
    private static let noVersion = [UInt8](repeating: 0, count: 8)

    init(_ rules: PartedFeatures, _ options: RedisFeatureStore.Options) {
        self.rules = rules
        keys = RedisKeys(prefix: options.prefix)
        var known = Known(cache: PartCache(limit: options.cacheBytes))
        known.layouts[rules.layout.fingerprint] = rules.layout
        self.known = Mutex(known)
    }

    /// The layout's fingerprint, as `about` has it.
    var fingerprint: String { String(rules.layout.fingerprint, radix: 16) }
    /// The features whose statistics Redis did not have.
    var emptyFeatures: [String] { known.withLock { $0.emptyFeatures } }
    /// The features that start empty, to whom asks first.
    func newlyEmptyFeatures() -> [String] {
        known.withLock { known in
            defer { known.isEmptyNews = false }
            return known.isEmptyNews ? known.emptyFeatures : []
        }
    }
    /// Whether another server writes another layout.
    var isOutdated: Bool { known.withLock { $0.isOutdated } }
    /// Whether Redis brings every write to the disk before it answers; nil where it does not tell.
    var keepsEveryWrite: Bool? { known.withLock { $0.keepsEveryWrite } }

    /// Makes Redis ready for this store: checks what it is, and which layout it has.
    ///
    /// The first time, the layout becomes that of this store; later it does only where there is none.
    func prepare(_ connection: RedisConnection) throws(RedisFailure) {
        let about = try RedisServerFacts(connection)
        var hashes: [RedisScript: String] = [:]
        for script in RedisScript.allCases {
            hashes[script] = try connection.call(RedisCommand("SCRIPT", "LOAD", script.text)).string
        }
        let mayTakeOver = known.withLock { known in
            known.hashes = hashes
            known.keepsEveryWrite = about.keepsEveryWrite
            return known.mayTakeOver
        }
        let current = try run(
            .prepare,
            keys: [keys.about, keys.layouts],
            connection
        ) { command in
            command.append(fingerprint)
            command.append(rules.layout.bytes())
            command.append(mayTakeOver ? "take over" : "")
        }
        let before = current.string ?? ""
        let isOther = !before.isEmpty && before != fingerprint
        var empty: [String] = []
        if isOther, mayTakeOver { empty = try layout(named: before, connection).emptyFeatures }
        let count = try connection.call(RedisCommand("GET", keys.forgets)).number ?? 0
        known.withLock { known in
            if mayTakeOver { (known.emptyFeatures, known.isEmptyNews) = (empty, true) }
            known.isOutdated = isOther && !mayTakeOver
            known.mayTakeOver = false
            if known.forgets != count { known.cache.clear() }
            known.forgets = count
        }
    }

    /// Notes what other servers forgot.
    func listen(_ connection: RedisConnection) throws(RedisFailure) {
        let replies = try connection.call([
            RedisCommand("GET", keys.forgets), RedisCommand("HGET", keys.about, "layout"),
        ])
        let count = replies[0].number ?? 0
        let layout = replies[1].string ?? fingerprint
        known.withLock { known in
            known.isOutdated = layout != fingerprint
            Self.heed(count, &known)
        }
    }

    /// Drops what is known when something was forgotten since; older counts come from slower readers.
    private static func heed(_ count: Int64, _ known: inout Known) {
        guard count > known.forgets ?? -1 else { return }
        known.cache.clear()
        known.forgets = count
    }

    /// Reads parts, and asks something else with the same message.
    func read(
        _ names: [StatePartName],
        with more: [RedisCommand] = [],
        _ connection: RedisConnection
    ) throws(RedisFailure) -> Reading {
        var commands = [RedisCommand("GET", keys.forgets)] + more
        if !names.isEmpty {
            var command = RedisCommand("MGET")
            for name in names { command.append(keys.part(name.dimension, name.value)) }
            commands.append(command)
        }
        var replies = try connection.call(commands)
        for reply in replies {
            if case .error(let message) = reply { throw RedisFailure(refusal: message) }
        }
        let forgets = replies.removeFirst().number ?? 0
        let values = names.isEmpty ? [] : replies.removeLast().elements.map(\.bytes)
        guard values.count == names.count else { throw .refused("an answer of another length") }
        let parts = try parts(values, connection)
        remember(zip(names, values), forgets)
        return Reading(replies: replies, parts: parts, forgets: forgets)
    }

    /// Keeps parts as the last that were known, unless something was forgotten meanwhile.
    func remember(_ parts: some Sequence<(StatePartName, [UInt8]?)>, _ forgets: Int64) {
        known.withLock { known in
            Self.heed(forgets, &known)
            guard known.forgets == forgets else { return }
            for (name, part) in parts { known.cache.keep(part, name) }
        }
    }

    /// What is kept for an absence of Redis.
    var cache: RedisFeatureStore.CacheFigures {
        known.withLock { known in
            RedisFeatureStore.CacheFigures(
                bytes: known.cache.bytes,
                hits: known.cache.lookups.hits,
                misses: known.cache.lookups.misses
            )
        }
    }

    /// What was last known of parts; those that were not are left out.
    func lastKnown(_ names: [StatePartName]) -> [StatePartName: StatePart] {
        let (found, layouts) = known.withLock { known in
            (names.map { ($0, known.cache.part($0)) }, known.layouts)
        }
        var parts: [StatePartName: StatePart] = [:]
        for (name, bytes) in found {
            guard let bytes, let layout = layouts[Self.layout(of: bytes)] else { continue }
            parts[name] = try? rules.part(bytes.dropFirst(16), laidOutBy: layout)
        }
        return parts
    }

    /// A part as it is stored, with a version that it never had.
    func bytes(_ part: StatePart, version: UInt64) -> [UInt8] {
        var bytes = Self.fixed(version)
        bytes += Self.fixed(rules.layout.fingerprint)
        part.append(to: &bytes)
        return bytes
    }

    /// Removes a part; whether it was there.
    func forget(_ name: StatePartName, _ connection: RedisConnection) throws(RedisFailure) -> Bool {
        let reply = try run(
            .forget,
            keys: [keys.part(name.dimension, name.value), keys.forgets],
            connection
        ) { _ in }
        let counts = reply.elements.map { $0.number ?? 0 }
        guard counts.count == 2 else { throw .refused("an answer of another length") }
        known.withLock { Self.heed(counts[1], &$0) }
        return counts[0] > 0
    }

    /// Runs a script, whose text is sent only where Redis does not have it.
    func run(
        _ script: RedisScript,
        keys: [String],
        _ connection: RedisConnection,
        arguments: (inout RedisCommand) -> Void
    ) throws(RedisFailure) -> RedisReply {
        func command(_ name: String, _ script: String) -> RedisCommand {
            var command = RedisCommand(name, script, String(keys.count))
            for key in keys { command.append(key) }
            arguments(&command)
            return command
        }
        if let hash = known.withLock({ $0.hashes[script] }) {
            let reply = try connection.call([command("EVALSHA", hash)])[0]
            guard case .error(let message) = reply else { return reply }
            guard message.hasPrefix("NOSCRIPT") else { throw RedisFailure(refusal: message) }
        }
        return try connection.call(command("EVAL", script.text))
    }

    private func parts(
        _ values: [[UInt8]?],
        _ connection: RedisConnection
    ) throws(RedisFailure) -> [Stored] {
        var layouts = known.withLock { $0.layouts }
        var parts: [Stored] = []
        parts.reserveCapacity(values.count)
        for value in values {
            guard let value else {
                parts.append(Stored(version: Self.noVersion, part: rules.emptyPart))
                continue
            }
            guard value.count >= 16 else { throw .refused("a part of the state is damaged") }
            let name = Self.layout(of: value)
            let layout: StoredLayout
            if let found = layouts[name] {
                layout = found
            } else {
                layout = try self.layout(named: String(name, radix: 16), connection)
                layouts[name] = layout
                known.withLock { $0.layouts[name] = layout }
            }
            do {
                let part = try rules.part(value.dropFirst(16), laidOutBy: layout)
                parts.append(Stored(version: Array(value.prefix(8)), part: part))
            } catch {
                throw .refused(error.description)
            }
        }
        return parts
    }

    private func layout(
        named name: String,
        _ connection: RedisConnection
    ) throws(RedisFailure) -> StoredLayout {
        let reply = try connection.call(RedisCommand("HGET", keys.layouts, name))
        guard let bytes = reply.bytes else { throw .refused("the layout \(name) is missing") }
        do { return try rules.layout(bytes) } catch { throw .refused(error.description) }
    }

    private static func layout(of bytes: [UInt8]) -> UInt64 {
        bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A number in 8 bytes, the highest first.
    static func fixed(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }
}
