@testable import FeatureStoreWriter
import Foundation
import MotetCore
import MotetFeatures
import MotetTestSupport
import Synchronization
import Testing

@testable import MotetFeatureStore

/// What callers of stores count together.
private final class Load: Sendable {
    let applied = Mutex(0)
    let sent = Mutex(0)
    let acknowledged = Mutex<Set<Int>>([])
    let isOver = Mutex(false)
}

@Suite(
    "Store in Redis",
    .enabled(if: RedisServer.isInstalled, Comment(rawValue: RedisServer.missing))
)
struct RedisStoreTests {
    private let definitions = WrittenEvents.definitions

    /// How many events a store counts, all in all.
    private func counted(_ store: RedisFeatureStore) -> Int {
        let all = FeatureRequest(user: nil, scenario: nil, items: [], time: 1_790_000_000_000)
        guard case .number(let count)? = store.read(all).columns.first?[0] else { return -1 }
        return Int(count)
    }

    /// Every event is sent to two of four stores at once, and all of them touch one part.
    @Test func serversThatMeetAllTheTimeLoseNothingAndCountNothingTwice() async throws {
        let redis = try TestedRedis()
        let stores = try (0..<4).map { _ in try redis.open(definitions) }
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, store) in stores.enumerated() {
                for caller in 0..<2 {
                    group.addTask {
                        for batch in stride(from: number % 2 * 2 + caller, to: 80, by: 4) {
                            let outcomes = try await store.apply(WrittenEvents.batch(batch))
                            #expect(outcomes.allSatisfy { $0 != .late })
                            load.applied.withLock { $0 += outcomes.count { $0 == .applied } }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(load.applied.withLock { $0 } == 80 * WrittenEvents.batchSize)
        let reference = MemoryFeatureStore(definitions)
        for batch in 0..<80 { _ = reference.apply(WrittenEvents.batch(batch)) }
        for store in stores {
            #expect(try await answers(store) == answers(reference))
            await store.close()
        }
    }

    /// Ids come again with other times, events late and early, and tiles end.
    @Test(arguments: RandomKey.seeds(6))
    func itJudgesEveryEventAsTheMemoryDoes(key: RandomKey) async throws {
        var random = key.generator()
        let definitions = FeatureDefinitions(WrittenEvents.definitions.features, lateness: 24_000)
        let redis = try TestedRedis()
        let stores = [try redis.open(definitions), try redis.open(definitions)]
        let reference = MemoryFeatureStore(definitions)
        var now: Int64 = 1_780_000_000_000
        var outcomes: Set<EventOutcome> = []
        for _ in 0..<120 {
            let events = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                now += Int64.random(in: 0...700, using: &random)
                let number = Int.random(in: 0..<300, using: &random)
                return Event(
                    id: "event-\(number)",
                    time: now - Int64.random(in: 0...30_000, using: &random),
                    kind: [.view, .purchase][number % 2],
                    user: "user-\(number % 5 * 5)",
                    item: "item-\(number % 4 * 25)",
                    category: "category-\(number % 3)",
                    scenario: "home"
                )
            }
            let expected = reference.apply(events)
            outcomes.formUnion(expected)
            let store = stores[Int.random(in: 0...1, using: &random)]
            #expect(try await store.apply(events) == expected)
        }
        #expect(outcomes.count == 3)
        #expect(try await answers(stores[0]) == answers(reference))
        let kept = Int(try redis.server.command("ZCARD", redis.options.prefix + ":ids")) ?? 0
        #expect((1...300).contains(kept))
        for store in stores { await store.close() }
    }

    @Test func idsOfOldEventsAreForgottenAndTheirEventsStayLate() async throws {
        let definitions = FeatureDefinitions(WrittenEvents.definitions.features, lateness: 24_000)
        let redis = try TestedRedis()
        let store = try redis.open(definitions)
        func event(_ number: Int) -> Event {
            Event(
                id: "\(number)",
                time: 1_780_000_000_000 + Int64(number) * 1_000,
                kind: .view,
                user: "u",
                item: "i"
            )
        }
        for first in stride(from: 0, to: 1_000, by: 50) {
            _ = try await store.apply((first..<(first + 50)).map(event))
        }
        let kept = Int(try redis.server.command("ZCARD", redis.options.prefix + ":ids")) ?? 0
        #expect((24...26).contains(kept))
        #expect(try await store.apply([event(10), event(999)]) == [.late, .duplicate])
        await store.close()
        // Under a greater lateness too.
        let patient = try redis.open(
            FeatureDefinitions(WrittenEvents.definitions.features, lateness: 10_000_000)
        )
        #expect(try await patient.apply([event(10), event(999)]) == [.late, .duplicate])
        #expect(patient.emptyFeatures == [])
        await patient.close()
    }

    @Test func redisThatIsKilledUnderLoadLosesNothingThatWasAcknowledged() async throws {
        let server = try RedisServer()
        var redis = try TestedRedis(server)
        redis.options.timeoutMilliseconds = 2_000
        let stores = [try redis.open(definitions), try redis.open(definitions)]
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<4 {
                group.addTask {
                    while !load.isOver.withLock({ $0 }) {
                        let batch = load.sent.withLock { number in
                            number += 1
                            return number - 1
                        }
                        let store = stores[caller % 2]
                        let outcomes = try? await store.apply(WrittenEvents.batch(batch))
                        if outcomes != nil {
                            load.acknowledged.withLock { _ = $0.insert(batch) }
                        } else {
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    }
                }
            }
            for round in 0..<3 {
                let before = load.acknowledged.withLock { $0.count }
                while load.acknowledged.withLock({ $0.count }) < before + 25 + 13 * round {
                    try await Task.sleep(for: .milliseconds(2))
                }
                server.stop(.kill)
                try server.start()
            }
            load.isOver.withLock { $0 = true }
            try await group.waitForAll()
        }
        let store = try redis.open(definitions)
        let count = counted(store)
        var duplicates = 0
        let reference = MemoryFeatureStore(definitions)
        for batch in 0..<load.sent.withLock({ $0 }) {
            let events = WrittenEvents.batch(batch)
            let outcomes = try await store.apply(events)
            duplicates += outcomes.count { $0 == .duplicate }
            if load.acknowledged.withLock({ $0.contains(batch) }) {
                #expect(outcomes.allSatisfy { $0 == .duplicate }, "batch \(batch) was lost")
            }
            _ = reference.apply(events)
        }
        #expect(count == duplicates, "some event counts twice, or not at all")
        #expect(try await answers(store) == answers(reference))
        #expect(store.keepsEveryWrite == true)
        for store in stores + [store] { await store.close() }
    }

    @Test func aForgottenUserIsGoneFromRedisAndFromTheMemoryOfOtherServers() async throws {
        let server = try RedisServer(isDurable: false)
        let redis = try TestedRedis(server)
        let first = try redis.open(definitions)
        let second = try redis.open(definitions)
        let secret = "Mrs. Eleanor Vance"
        var events = WrittenEvents.batch(0)
        for place in events.indices where place % 2 == 0 { events[place].user = secret }
        _ = try await first.apply(events)
        let question = FeatureRequest(
            user: secret,
            scenario: "home",
            items: [FeatureCandidate(item: "item-0", category: "category-0")],
            time: 1_780_003_000_000
        )
        let before = second.read(question)
        #expect(try server.command("KEYS", "*Vance*").contains(secret))
        #expect(try await first.forget(user: secret))
        #expect(try await !first.forget(user: secret))
        #expect(try server.command("KEYS", "*Vance*").isEmpty)
        // The second server hears of it although nobody asks it for the user.
        try await Task.sleep(for: .milliseconds(2_500))
        server.stop(.kill)
        let after = second.read(question)
        #expect(after.isDegraded)
        #expect(after.columns[4].values == .texts([""]))
        #expect(before.columns[4].values != .texts([""]))
        await first.close()
        await second.close()
    }

    @Test func changedDefinitionsKeepWhatTheyShareAndOldServersAreTold() async throws {
        let redis = try TestedRedis()
        let store = try redis.open(definitions)
        for batch in 0..<20 { _ = try await store.apply(WrittenEvents.batch(batch)) }
        let kept = definitions.features
        let added = FeatureDefinition(
            "user_views",
            of: FeatureEntity([.user]),
            .count([.view], window: nil)
        )
        let changed = FeatureDefinitions([kept[5], added, kept[3], kept[0]])
        let other = try redis.open(changed)
        #expect(other.emptyFeatures == ["user_views"])
        #expect(store.emptyFeatures == [])
        let reference = MemoryFeatureStore(definitions)
        for batch in 0..<20 { _ = reference.apply(WrittenEvents.batch(batch)) }
        for question in questions() {
            let (old, new) = (reference.features(question), other.read(question))
            for row in 0..<question.items.count {
                let (before, now) = (old.row(row), new.row(row))
                #expect(now == [before[5], .number(0), before[3], before[0]])
            }
        }
        #expect(try await other.apply(WrittenEvents.batch(20)).allSatisfy { $0 == .applied })
        let error = await #expect(throws: FeatureError.self) {
            try await store.apply(WrittenEvents.batch(21))
        }
        #expect(error?.description.contains("other features") == true)
        #expect(try await other.apply(WrittenEvents.batch(21)).allSatisfy { $0 == .applied })
        await store.close()
        await other.close()
    }

    @Test func scriptsThatRedisForgotAreSentAgain() async throws {
        let redis = try TestedRedis(try RedisServer(isDurable: false))
        let store = try redis.open(definitions)
        try redis.server.command("SCRIPT", "FLUSH")
        #expect(try await store.apply(WrittenEvents.batch(0)).allSatisfy { $0 == .applied })
        await store.close()
    }

    @Test func aServerThatEndedWhileItHadTheTurnHoldsOthersUpForAWhileOnly() async throws {
        let redis = try TestedRedis()
        let store = try redis.open(definitions)
        let lease = redis.options.prefix + ":writer"
        try redis.server.command("SET", lease, "somebody else", "PX", "300")
        #expect(try await store.apply(WrittenEvents.batch(0)).allSatisfy { $0 == .applied })
        #expect(try redis.server.command("EXISTS", lease) == "0")
        await store.close()
    }

    @Test func partsThatSomebodyElseWroteAreNotTrusted() async throws {
        let redis = try TestedRedis()
        let store = try redis.open(definitions)
        let event = WrittenEvents.batch(0)[0]
        _ = try await store.apply([event])
        let key = redis.options.prefix + ":user:" + event.user
        for text in ["short", "0123456789012345 and more"] {
            try redis.server.command("SET", key, text)
            var again = event
            again.id = text
            let error = await #expect(throws: FeatureError.self) {
                try await store.apply([again])
            }
            #expect(error?.code == .featureStore)
            let question = FeatureRequest(
                user: event.user,
                scenario: nil,
                items: [],
                time: event.time
            )
            #expect(store.read(question).isDegraded)
        }
        await store.close()
    }

    @Test func aDamagedPartDoesNotHoldUpOtherCalls() async throws {
        let redis = try TestedRedis()
        let store = try redis.open(definitions)
        let events = WrittenEvents.batch(0)
        let damaged = redis.options.prefix + ":user:" + events[0].user
        try redis.server.command("SET", damaged, "short")
        var applied = 0
        await withTaskGroup(of: Bool.self) { group in
            for event in events {
                group.addTask { (try? await store.apply([event])) == [.applied] }
            }
            for await isApplied in group where isApplied { applied += 1 }
        }
        #expect(applied == events.count { $0.user != events[0].user })
        await store.close()
    }

    @Test func moreThanCanWaitIsRefusedAndDoesNothing() async throws {
        var redis = try TestedRedis()
        redis.options.maximumWaiting = 10
        let store = try redis.open(definitions)
        let error = await #expect(throws: FeatureError.self) {
            try await store.apply(WrittenEvents.batch(0))
        }
        #expect(error?.code == .featureStoreFull)
        let outcomes = try await store.apply(Array(WrittenEvents.batch(0).prefix(10)))
        #expect(outcomes.allSatisfy { $0 == .applied })
        await store.close()
        await #expect(throws: FeatureError.self) { try await store.apply(WrittenEvents.batch(1)) }
    }

    @Test func theProfileIsThatOfTheMemory() async throws {
        let redis = try TestedRedis()
        let store = try redis.open(definitions)
        let reference = MemoryFeatureStore(definitions)
        for batch in 0..<10 {
            _ = try await store.apply(WrittenEvents.batch(batch))
            _ = reference.apply(WrittenEvents.batch(batch))
        }
        let time: Int64 = 1_780_000_900_000
        for user in Set(WrittenEvents.batch(0).map(\.user)) {
            let expected = reference.profile(of: user, at: time)
            #expect(expected != nil)
            #expect(try await store.profile(of: user, at: time) == expected)
        }
        #expect(try await store.profile(of: "nobody", at: time) == nil)
        await store.close()
    }
}
