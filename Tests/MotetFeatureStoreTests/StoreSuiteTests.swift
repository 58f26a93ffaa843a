@testable import FeatureStoreWriter
import Foundation
import MotetCore
import MotetFeatures
import MotetTestSupport
import Testing

@testable import MotetFeatureStore

/// A store every test of the suite runs on.
enum StoreKind: String, CaseIterable, Sendable {
    case memory
    case durable
    /// Closed and opened again before every call.
    case reopened
    /// The same, with a snapshot after nearly every event.
    case reopenedFromSnapshots
    case redis
    /// Two stores of one Redis, asked in turns.
    case redisOfTwo

    /// Those this machine has what they need for.
    static var available: [StoreKind] {
        allCases.filter { !$0.isRedis || RedisServer.isInstalled }
    }

    var isRedis: Bool { self == .redis || self == .redisOfTwo }
}

/// A store behind which another may be opened in place of the one before.
final class TestedStore {
    private let kind: StoreKind
    private let folder: ScratchFolder
    private let definitions: FeatureDefinitions
    private var store: any FeatureStore
    private var other: (any FeatureStore)?

    init(_ kind: StoreKind, _ definitions: FeatureDefinitions) throws {
        self.kind = kind
        self.definitions = definitions
        folder = try ScratchFolder()
        switch kind {
        case .memory: store = MemoryFeatureStore(definitions)
        case .durable, .reopened, .reopenedFromSnapshots:
            store = try Self.open(definitions, folder.path, kind)
        case .redis, .redisOfTwo:
            let redis = try TestedRedis()
            store = try redis.open(definitions)
            if kind == .redisOfTwo { other = try redis.open(definitions) }
        }
    }

    private static func open(
        _ definitions: FeatureDefinitions,
        _ folder: String,
        _ kind: StoreKind
    ) throws -> DurableFeatureStore {
        var options = DurableFeatureStore.Options()
        if kind == .reopenedFromSnapshots { options.snapshotEvents = 3 }
        return try DurableFeatureStore(definitions, folder: folder, options: options)
    }

    /// The store to ask next.
    func current() async throws -> any FeatureStore {
        if let next = other {
            other = store
            store = next
            return next
        }
        guard kind == .reopened || kind == .reopenedFromSnapshots,
            let durable = store as? DurableFeatureStore
        else { return store }
        try await durable.close()
        store = try Self.open(definitions, folder.path, kind)
        return store
    }

    func close() async throws {
        for store in [store, other] {
            if let durable = store as? DurableFeatureStore { try await durable.close() }
            if let redis = store as? RedisFeatureStore { await redis.close() }
        }
    }
}

/// Stores of one prefix in a Redis that all tests share.
struct TestedRedis {
    /// Started once; it ends with the process of the tests.
    static let shared = Result { try RedisServer() }

    let server: RedisServer
    var options = RedisFeatureStore.Options()

    init(_ server: RedisServer? = nil) throws {
        self.server = try server ?? Self.shared.get()
        options.port = self.server.port
        options.prefix = "test-" + UUID().uuidString
        // Nothing of a test may depend on how busy the machine is.
        options.timeoutMilliseconds = 10_000
        options.connectMilliseconds = 10_000
    }

    func open(_ definitions: FeatureDefinitions) throws -> RedisFeatureStore {
        try RedisFeatureStore(definitions, options: options)
    }
}

/// A question about some users with some items, late enough to see everything.
func questions(_ time: Int64 = 1_780_003_000_000) -> [FeatureRequest] {
    (0..<40).map { user in
        FeatureRequest(
            user: "user-\(user * 5)",
            scenario: "home",
            items: (0..<20).map {
                FeatureCandidate(item: "item-\($0 * 25)", category: "category-\($0 % 20)")
            },
            time: time
        )
    }
}

/// The answers to all questions.
func answers(_ store: any FeatureStore) async throws -> [FeatureTable] {
    var answers: [FeatureTable] = []
    for question in questions() { answers.append(try await store.features(question)) }
    return answers
}

@Suite("Every store") struct StoreSuiteTests {
    @Test(arguments: StoreKind.available)
    func answersAreThoseOfTheEventsAppliedOnce(kind: StoreKind) async throws {
        let tested = try TestedStore(kind, WrittenEvents.definitions)
        let reference = MemoryFeatureStore(WrittenEvents.definitions)
        for batch in 0..<30 {
            let events = WrittenEvents.batch(batch)
            _ = reference.apply(events)
            let outcomes = try await tested.current().apply(events + events.prefix(3))
            #expect(
                outcomes == events.map { _ in .applied } + [.duplicate, .duplicate, .duplicate]
            )
        }
        let again = try await tested.current().apply(WrittenEvents.batch(7))
        #expect(again.allSatisfy { $0 == .duplicate })
        #expect(try await answers(tested.current()) == answers(reference))
        try await tested.close()
    }

    /// A log sent as it would arrive, each event's user asked about just before: what training columns are made of.
    @Test(arguments: StoreKind.available)
    func everyRowOfALogReadsAsInMemory(kind: StoreKind) async throws {
        let tested = try TestedStore(kind, WrittenEvents.definitions)
        let reference = MemoryFeatureStore(WrittenEvents.definitions)
        let log = (0..<5).flatMap { WrittenEvents.batch($0, size: 20, users: 6) }
            .sorted { $0.time < $1.time }
        var rows: Set<[FeatureValue]> = []
        for start in stride(from: 0, to: log.count, by: 4) {
            let events = Array(log[start..<min(start + 4, log.count)])
            for event in events {
                let request = FeatureRequest(
                    user: event.user,
                    scenario: event.scenario,
                    items: [FeatureCandidate(item: event.item, category: event.category)],
                    time: event.time
                )
                let expected = reference.features(request)
                #expect(try await tested.current().features(request) == expected)
                rows.insert(expected.row(0))
            }
            _ = reference.apply(events)
            _ = try await tested.current().apply(events)
        }
        #expect(rows.count > 60)
        try await tested.close()
    }

    @Test(arguments: StoreKind.available)
    func lateEventsStayLate(kind: StoreKind) async throws {
        let tested = try TestedStore(kind, WrittenEvents.definitions)
        let now = Event(id: "now", time: 1_780_000_000_000, kind: .view, user: "u", item: "i")
        var late = now
        late.id = "late"
        late.time -= WrittenEvents.definitions.lateness
        #expect(try await tested.current().apply([now]) == [.applied])
        #expect(try await tested.current().apply([late]) == [.late])
        late.time += 1
        #expect(try await tested.current().apply([late]) == [.applied])
        try await tested.close()
    }

    @Test(arguments: StoreKind.available)
    func aForgottenUserStaysForgotten(kind: StoreKind) async throws {
        let tested = try TestedStore(kind, WrittenEvents.definitions)
        let reference = MemoryFeatureStore(WrittenEvents.definitions)
        for batch in 0..<10 {
            _ = reference.apply(WrittenEvents.batch(batch))
            _ = try await tested.current().apply(WrittenEvents.batch(batch))
        }
        #expect(try await tested.current().forget(user: "user-35"))
        #expect(try await !tested.current().forget(user: "user-35"))
        #expect(reference.forget(user: "user-35"))
        #expect(try await answers(tested.current()) == answers(reference))
        try await tested.close()
    }
}
