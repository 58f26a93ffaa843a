import Dispatch
import Foundation
public import MotetFeatures
import Synchronization

/// A store in Redis, which several servers may have at once.
///
/// Whatever is kept of a user, an item, a category or a place is one value in Redis. Events change values by the
/// code that changes them in memory: they are read together, changed here, and written by one script that writes
/// all or nothing, and nothing where another server was faster; then it is done again.
///
/// While Redis is away, features and profiles are those last known here, and are marked so; events are refused.
///
/// Calls to Redis wait on threads of their own; ``read(_:)`` waits on the caller's.
public final class RedisFeatureStore: FeatureStore {
    /// The features there are.
    public let definitions: FeatureDefinitions
    /// Where it is, for people.
    public let place: String
    private let options: Options
    private let parts: RedisParts
    private let link: RedisLink
    private let writer: RedisWriter
    private let queue = DispatchQueue(label: "motet.redis-store")
    private let readers: OperationQueue
    private let waiting = Mutex(Waiting())

    /// What a store tells of its Redis.
    public enum Notice: Hashable, Sendable {
        /// It does not answer any more.
        case away(FeatureError)
        /// It answers again.
        case back
        /// It answered for the first time, and these features start empty.
        case startsEmpty([String])
    }

    private enum Work {
        case events([Event])
        case forget(String)
    }

    private struct Call {
        let work: Work
        let reply: CheckedContinuation<[EventOutcome], any Error>

        var events: Int { if case .events(let events) = work { events.count } else { 1 } }
    }

    private struct Waiting {
        var calls: [Call] = []
        var events = 0
        var isScheduled = false
        var isClosed = false
    }

    /// Opens the store of a Redis, or makes one.
    ///
    /// Where Redis does not answer, the store begins as after an absence.
    ///
    /// - Parameters:
    ///   - definitions: the features; those of the servers that have the store.
    ///   - items: the categories of items whose events or requests do not tell them.
    ///   - options: where it is, and how patiently it is asked.
    ///   - tell: told each absence of Redis, and each end of one, on a thread of the store.
    /// - Throws: ``FeatureError`` with the code `feature_store` where Redis answers and cannot be used: the
    ///   password is wrong, it is older than 6.2, it may drop keys.
    public init(
        _ definitions: FeatureDefinitions,
        items: ItemTable = ItemTable(),
        options: Options = Options(),
        tell: @escaping @Sendable (Notice) -> Void = { _ in }
    ) throws {
        self.definitions = definitions
        self.options = options
        self.items = items
        let place = options.place
        self.place = place
        let parts = RedisParts(PartedFeatures(definitions, items: items), options)
        self.parts = parts
        link = RedisLink(
            options,
            prepare: { (connection) throws(RedisFailure) in try parts.prepare(connection) },
            beat: { (connection) throws(RedisFailure) in try parts.listen(connection) },
            tell: { failure in
                guard let failure else {
                    tell(.back)
                    let empty = parts.newlyEmptyFeatures()
                    return empty.isEmpty ? () : tell(.startsEmpty(empty))
                }
                tell(.away(failure.described(place)))
            }
        )
        writer = RedisWriter(parts, link, options)
        readers = OperationQueue()
        readers.maxConcurrentOperationCount = options.connections
        do { try link.start() } catch {
            throw error.described(place)
        }
        if link.failure == nil { _ = parts.newlyEmptyFeatures() }
    }

    deinit { link.close() }

    /// The categories of items.
    public let items: ItemTable

    /// Why Redis cannot be asked; nil while it can.
    public var failure: FeatureError? { link.failure?.described(place) }

    /// What is kept in memory for an absence of Redis, and how often it was asked.
    public struct CacheFigures: Hashable, Sendable {
        /// The bytes of what is kept, about.
        public let bytes: Int
        /// How many parts that were asked for in an absence were known.
        public let hits: Int
        /// How many were not.
        public let misses: Int
    }

    /// What is kept in memory for an absence of Redis.
    public var cache: CacheFigures { parts.cache }

    /// The features whose statistics Redis did not have, because definitions changed: they start empty.
    public var emptyFeatures: [String] { parts.emptyFeatures }

    /// Whether Redis has every write on its disk before it answers; nil where it does not tell.
    public var keepsEveryWrite: Bool? { parts.keepsEveryWrite }

    /// Takes in events; when it returns, Redis has them and they count.
    ///
    /// - Throws: ``FeatureError``. Where the connection broke meanwhile they may count already: sent again, none
    ///   counts twice.
    public func apply(_ events: [Event]) async throws -> [EventOutcome] {
        try await submit(.events(events.map { items.resolved($0) }))
    }

    /// The features of a request; what Redis does not tell is what was last known, or as without events.
    public func features(_ request: FeatureRequest) async -> FeatureTable {
        await withCheckedContinuation { reply in
            readers.addOperation { reply.resume(returning: self.read(request)) }
        }
    }

    /// The features of a request, as ``features(_:)`` has them; the calling thread waits.
    public func read(_ request: FeatureRequest) -> FeatureTable {
        var table = FeatureTable()
        read(request, into: &table)
        return table
    }

    /// Reads the features of a request into a table, in place of those before; the calling thread waits.
    package func read(_ request: FeatureRequest, into table: inout FeatureTable) {
        let names = parts.rules.parts(of: request)
        let found: [StatePartName: StatePart]
        var isDegraded = false
        do {
            found = try link.use { (connection) throws(RedisFailure) in
                let reading = try parts.read(names, connection)
                return Dictionary(uniqueKeysWithValues: zip(names, reading.parts.map(\.part)))
            }
        } catch {
            found = parts.lastKnown(names)
            isDegraded = true
        }
        parts.rules.read(request, from: found, isDegraded: isDegraded, into: &table)
    }

    /// What is known of a user at a time; nil where nothing is kept of the user, or no profiles are kept.
    ///
    /// - Throws: ``FeatureError`` where Redis does not tell, and nothing was known of the user.
    public func profile(of user: String, at time: Int64) async throws -> UserProfile? {
        guard parts.rules.keepsProfiles else { return nil }
        return try await withCheckedThrowingContinuation { reply in
            readers.addOperation {
                reply.resume(with: Result { try self.readProfile(user, time) })
            }
        }
    }

    private func readProfile(_ user: String, _ time: Int64) throws(FeatureError) -> UserProfile? {
        let name = StatePartName.user(user)
        do {
            let part = try link.use { (connection) throws(RedisFailure) in
                try parts.read([name], connection).parts[0].part
            }
            return part.isEmpty ? nil : parts.rules.profile(part, at: time, isDegraded: false)
        } catch {
            guard let part = parts.lastKnown([name])[name] else { throw error.described(place) }
            return parts.rules.profile(part, at: time, isDegraded: true)
        }
    }

    /// Removes everything kept for a user.
    ///
    /// What other servers know for the time of an absence goes within a second, or when they reach Redis again.
    public func forget(user: String) async throws -> Bool {
        try await submit(.forget(user)) == [.applied]
    }

    /// Waits for what was begun, and closes the connections.
    public func close() async {
        waiting.withLock { $0.isClosed = true }
        await withCheckedContinuation { reply in
            queue.async {
                self.workOff()
                self.link.close()
                reply.resume()
            }
        }
    }

    private func submit(_ work: Work) async throws -> [EventOutcome] {
        try await withCheckedThrowingContinuation { reply in
            let call = Call(work: work, reply: reply)
            let refusal = waiting.withLock { waiting -> FeatureError? in
                guard !waiting.isClosed else {
                    return RedisFailure.refused("the store is closed").described(place)
                }
                guard waiting.events + call.events <= options.maximumWaiting else { return full }
                waiting.calls.append(call)
                waiting.events += call.events
                guard !waiting.isScheduled else { return nil }
                waiting.isScheduled = true
                queue.async { self.workOff() }
                return nil
            }
            if let refusal { reply.resume(throwing: refusal) }
        }
    }

    private var full: FeatureError {
        FeatureError(
            .featureStoreFull,
            "feature store \"\(place)\": too many events wait to be written; expected at most "
                + "\(options.maximumWaiting). Send them again later."
        )
    }

    /// Does what waits, and what comes meanwhile.
    ///
    /// Runs on the queue.
    private func workOff() {
        while true {
            let calls = waiting.withLock { waiting -> [Call] in
                let calls = waiting.calls
                waiting.calls = []
                waiting.events = 0
                if calls.isEmpty { waiting.isScheduled = false }
                return calls
            }
            guard !calls.isEmpty else { return }
            var group: [Call] = []
            for call in calls {
                if case .forget(let user) = call.work {
                    write(group)
                    group = []
                    forget(user, call)
                    continue
                }
                if group.reduce(call.events, { $0 + $1.events }) > options.groupEvents {
                    write(group)
                    group = []
                }
                group.append(call)
            }
            write(group)
        }
    }

    /// Writes the events of calls together.
    private func write(_ calls: [Call]) {
        guard !calls.isEmpty else { return }
        let events = calls.flatMap { call -> [Event] in
            if case .events(let events) = call.work { events } else { [] }
        }
        do {
            var outcomes = try writer.apply(events)[...]
            for call in calls {
                call.reply.resume(returning: Array(outcomes.prefix(call.events)))
                outcomes = outcomes.dropFirst(call.events)
            }
        } catch {
            if case .refused = error, calls.count > 1 {
                // What is wrong with one call, such as a damaged part, is not to be that of the others.
                for call in calls { write([call]) }
                return
            }
            let error = error.described(place)
            for call in calls { call.reply.resume(throwing: error) }
        }
    }

    private func forget(_ user: String, _ call: Call) {
        do {
            let isGone = try link.use { (connection) throws(RedisFailure) in
                try parts.forget(.user(user), connection)
            }
            call.reply.resume(returning: [isGone ? .applied : .duplicate])
        } catch {
            call.reply.resume(throwing: error.described(place))
        }
    }
}

extension RedisFailure {
    /// The sentence for people.
    func described(_ place: String) -> FeatureError {
        let sentence =
            switch self {
            case .refused, .crowded: "Redis does not do what it is asked; received \"\(message)\"."
            case .away, .closed:
                "Redis does not answer; expected it at \(place); received \"\(message)\". It is asked "
                    + "again by itself."
            }
        return FeatureError(.featureStore, "feature store \"redis\": \(sentence)")
    }
}
