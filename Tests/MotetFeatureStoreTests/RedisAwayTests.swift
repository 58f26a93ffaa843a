@testable import FeatureStoreWriter
import Foundation
import MotetFeatures
import MotetTestSupport
import Synchronization
import Testing

@testable import MotetFeatureStore

/// What a store told, in order.
private final class Notices: Sendable {
    let list = Mutex<[String]>([])
}

@Suite(
    "Redis that is away",
    .enabled(if: RedisServer.isInstalled, Comment(rawValue: RedisServer.missing))
)
struct RedisAwayTests {
    private let definitions = WrittenEvents.definitions

    private func request(_ user: String) -> FeatureRequest {
        FeatureRequest(
            user: user,
            scenario: "home",
            items: [FeatureCandidate(item: "item-0", category: "category-0")],
            time: 1_780_003_000_000
        )
    }

    private func wait(_ what: String, until isDone: () throws -> Bool) async throws {
        for _ in 0..<1_500 {
            if try isDone() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("waited 15 s for \(what)")
    }

    @Test func whatIsKnownIsAnsweredAndTheStoreComesBackByItself() async throws {
        let server = try RedisServer()
        let redis = try TestedRedis(server)
        let notices = Notices()
        let store = try RedisFeatureStore(definitions, options: redis.options) { notice in
            notices.list.withLock { notices in
                switch notice {
                case .away: notices.append("away")
                case .back: notices.append("back")
                case .startsEmpty(let features): notices += features
                }
            }
        }
        let events = WrittenEvents.batch(0)
        _ = try await store.apply(events)
        let user = events[0].user
        let before = store.read(request(user))
        #expect(!before.isDegraded)
        let profile = try await store.profile(of: user, at: 1_780_000_900_000)
        #expect(profile?.isDegraded == false)
        #expect(store.failure == nil)

        server.stop()
        let away = store.read(request(user))
        #expect(away.isDegraded)
        #expect(away.columns == before.columns)
        let last = try await store.profile(of: user, at: 1_780_000_900_000)
        #expect(last?.isDegraded == true)
        #expect(last?.interests == profile?.interests)
        // Nothing was read of this one: it is as somebody new, and nobody says that it is unknown.
        let stranger = store.read(request("stranger"))
        #expect(stranger.isDegraded)
        #expect(stranger.columns[1].values == .numbers([0]))
        await #expect(throws: FeatureError.self) {
            try await store.profile(of: "stranger", at: 1_780_000_900_000)
        }
        let error = await #expect(throws: FeatureError.self) {
            try await store.apply(WrittenEvents.batch(1))
        }
        #expect(error?.code == .featureStore)
        #expect(error?.description.contains("does not answer") == true)
        #expect(store.failure != nil)
        await #expect(throws: FeatureError.self) { try await store.forget(user: user) }

        try server.start()
        try await wait("the store to come back") { store.failure == nil }
        #expect(store.read(request(user)) == before)
        #expect(try await store.apply(WrittenEvents.batch(1)).allSatisfy { $0 == .applied })
        #expect(try await store.apply(WrittenEvents.batch(0)).allSatisfy { $0 == .duplicate })
        try await wait("the notices") { notices.list.withLock { $0 } == ["away", "back"] }
        await store.close()
    }

    /// A server of which all connections stay open, and none answers.
    @Test func whoDoesNotAnswerIsWaitedForOnceOnly() async throws {
        let server = try RedisServer()
        var redis = try TestedRedis(server)
        redis.options.timeoutMilliseconds = 300
        redis.options.connectMilliseconds = 300
        let store = try redis.open(definitions)
        _ = try await store.apply(WrittenEvents.batch(0))
        let before = store.read(request("user-5"))
        server.halt()
        let clock = ContinuousClock()
        let first = clock.now
        #expect(store.read(request("user-5")).isDegraded)
        #expect(clock.now - first < .seconds(5))
        let rest = clock.now
        for _ in 0..<100 { #expect(store.read(request("user-5")).isDegraded) }
        #expect(clock.now - rest < .seconds(5))
        server.resume()
        try await wait("the store to come back") { store.failure == nil }
        #expect(store.read(request("user-5")) == before)
        await store.close()
    }

    @Test func redisThatLostEverythingIsBegunAnew() async throws {
        let server = try RedisServer(isDurable: false)
        let redis = try TestedRedis(server)
        let store = try redis.open(definitions)
        #expect(store.keepsEveryWrite == false)
        _ = try await store.apply(WrittenEvents.batch(0))
        try server.command("FLUSHALL")
        #expect(try await store.apply(WrittenEvents.batch(0)).allSatisfy { $0 == .applied })
        server.stop(.kill)
        try server.start()
        var outcomes: [EventOutcome]?
        for _ in 0..<1_000 where outcomes == nil {
            outcomes = try? await store.apply(WrittenEvents.batch(0))
            if outcomes == nil { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect(outcomes?.allSatisfy { $0 == .applied } == true)
        let reference = MemoryFeatureStore(definitions)
        _ = reference.apply(WrittenEvents.batch(0))
        #expect(try await answers(store) == answers(reference))
        await store.close()
    }

    @Test func aStoreOpensWithoutRedisAndBeginsWhenItIsThere() async throws {
        let server = try RedisServer()
        let redis = try TestedRedis(server)
        server.stop()
        let store = try redis.open(definitions)
        #expect(store.failure != nil)
        #expect(store.read(request("user-5")).isDegraded)
        try server.start()
        try await wait("the store to begin") { store.failure == nil }
        #expect(try await store.apply(WrittenEvents.batch(0)).allSatisfy { $0 == .applied })
        await store.close()
        // With other features it tells later what starts empty.
        server.stop()
        let views = FeatureDefinition(
            "user_views",
            of: FeatureEntity([.user]),
            .count([.view], window: nil)
        )
        let notices = Notices()
        let other = try RedisFeatureStore(
            FeatureDefinitions(definitions.features + [views]),
            options: redis.options
        ) { notice in
            if case .startsEmpty(let features) = notice {
                notices.list.withLock { $0 += features }
            }
        }
        #expect(other.emptyFeatures == [])
        try server.start()
        try await wait("the notice") { notices.list.withLock { $0 } == ["user_views"] }
        #expect(other.emptyFeatures == ["user_views"])
        await other.close()
    }

    @Test func aPasswordADatabaseAndASocketAreUsed() async throws {
        let server = try RedisServer(
            isDurable: false,
            settings: ["--requirepass", "open sesame", "--databases", "4"]
        )
        var redis = try TestedRedis(server)
        let error = #expect(throws: FeatureError.self) { _ = try redis.open(definitions) }
        #expect(error?.description.contains("NOAUTH") == true)
        redis.options.password = "open barley"
        let wrong = #expect(throws: FeatureError.self) { _ = try redis.open(definitions) }
        #expect(wrong?.description.contains("WRONGPASS") == true)
        #expect(wrong?.description.contains("barley") == false)
        redis.options.password = "open sesame"
        redis.options.database = 3
        redis.options.socket = server.socket
        redis.options.port = 1
        let store = try redis.open(definitions)
        #expect(store.place == server.socket)
        _ = try await store.apply(WrittenEvents.batch(0))
        #expect(try server.command("DBSIZE") == "0")
        #expect(try server.command("-n", "3", "EXISTS", redis.options.prefix + ":ids") == "1")
        await store.close()
    }

    @Test func aRedisThatDropsKeysIsRefused() throws {
        let server = try RedisServer(
            isDurable: false,
            settings: ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"]
        )
        let redis = try TestedRedis(server)
        let error = #expect(throws: FeatureError.self) { _ = try redis.open(definitions) }
        #expect(error?.description.contains("noeviction") == true)
        try server.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
        #expect(try redis.open(definitions).failure == nil)
    }
}

@Suite("What a store knows of Redis") struct RedisFactTests {
    @Test(arguments: [
        ("6.0.16", false), ("6.1.0", false), ("6.2.0", true), ("6.10.1", true), ("7.0.15", true),
        ("8", true), ("5.0.3", false), ("", false), ("x.y", false),
    ])
    func versionsAreCompared(version: String, isNewEnough: Bool) {
        #expect(RedisServerFacts.isNewEnough(version) == isNewEnough)
    }

    @Test func factsAreLinesWithAColon() {
        let facts = RedisServerFacts.facts(
            "# Server\r\nredis_version:7.0.15\r\nconfig_file:/a:b\r\n\r\n"
        )
        #expect(facts == ["redis_version": "7.0.15", "config_file": "/a:b"])
    }

    @Test(arguments: [
        ("LOADING Redis is loading the dataset in memory", RedisFailure.away("")),
        ("READONLY You can't write against a read only replica.", .away("")),
        ("MISCONF Errors writing to the AOF file", .refused("")),
        ("OOM command not allowed", .refused("")),
    ])
    func refusalsThatPassAreAbsences(message: String, kind: RedisFailure) {
        let isAway = if case .away = RedisFailure(refusal: message) { true } else { false }
        let isMeant = if case .away = kind { true } else { false }
        #expect(isAway == isMeant)
    }

    @Test func theCacheStaysWithinItsBytesAndKeepsWhatIsUsed() {
        var cache = PartCache(limit: 20_000)
        func name(_ number: Int) -> StatePartName { .user("user-\(number)") }
        for number in 0..<1_000 {
            cache.keep([UInt8](repeating: UInt8(number % 256), count: 100), name(number))
            #expect(cache.part(name(0)) == [UInt8](repeating: 0, count: 100))
            #expect(cache.bytes <= 20_000)
        }
        #expect(cache.count > 30)
        #expect(cache.part(name(999)) != nil)
        #expect(cache.part(name(500)) == nil)
        cache.keep(nil, name(999))
        #expect(cache.part(name(999)) == nil)
        cache.keep([UInt8](repeating: 1, count: 30_000), name(998))
        #expect(cache.part(name(998)) == nil)
        // A thousand of the first, and one; three were not known.
        #expect(cache.lookups == (hits: 1_001, misses: 3))
        cache.clear()
        // Counters never fall.
        #expect(cache.lookups == (hits: 1_001, misses: 3))
        #expect(cache.bytes == 0)
        #expect(cache.count == 0)
    }
}

@Suite(
    "The Redis of tests",
    .enabled(if: RedisServer.isInstalled, Comment(rawValue: RedisServer.missing))
)
struct RedisServerTests {
    @Test func itEndsWhenItIsToldAndKeepsWhatItShould() throws {
        for (isDurable, kept) in [(true, "1"), (false, "")] {
            let server = try RedisServer(isDurable: isDurable)
            try server.command("SET", "a", "1")
            for end in [RedisServer.End.kill, .shutDown] {
                server.stop(end)
                #expect(try server.command("PING").isEmpty)
                server.stop(end)
                try server.start()
                #expect(try server.command("GET", "a") == kept)
            }
        }
    }
}
