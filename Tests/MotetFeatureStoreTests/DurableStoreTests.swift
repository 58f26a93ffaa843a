@testable import FeatureStoreWriter
import Foundation
import MotetCore
import MotetFeatures
import MotetTestSupport
import Synchronization
import Testing

@testable import MotetFeatureStore

@Suite("Durable store") struct DurableStoreTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func open(
        _ definitions: FeatureDefinitions = WrittenEvents.definitions,
        snapshotEvents: Int = 1_000_000
    ) throws -> DurableFeatureStore {
        var options = DurableFeatureStore.Options()
        options.snapshotEvents = snapshotEvents
        return try DurableFeatureStore(definitions, folder: folder.path, options: options)
    }

    @Test func manyCallersAtOnceAreServedAndNothingIsLost() async throws {
        let store = try open(snapshotEvents: 400)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<8 {
                group.addTask {
                    for batch in stride(from: caller, to: 120, by: 8) {
                        _ = try await store.apply(WrittenEvents.batch(batch))
                        _ = store.features(questions()[batch % 40])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(store.snapshotFailure == nil)
        let reference = MemoryFeatureStore(WrittenEvents.definitions)
        for batch in 0..<120 { _ = reference.apply(WrittenEvents.batch(batch)) }
        #expect(try await answers(store) == answers(reference))
        try await store.close()
        let reopened = try open()
        #expect(try await answers(reopened) == answers(reference))
        try await reopened.close()
    }

    @Test(arguments: [(StoreDurability.process, 1), (.power, 2)])
    func commitsWaitForTheDiskAsAsked(durability: StoreDurability, level: Int) throws {
        let database = try EventDatabase(folder: folder.path, durability: durability)
        #expect(try database.synchronousLevel() == level)
        try database.append([(1, [1, 2, 3])])
        #expect(try database.synchronousLevel() == level)
        try database.close()
    }

    /// Under steady traffic a snapshot ends all the same: who is forgotten does not wait for quiet.
    @Test func forgettingDoesNotWaitForTheTrafficToEnd() async throws {
        let store = try open()
        let forgetting = Forgetting()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<4 {
                group.addTask {
                    for batch in stride(from: caller, to: 8_000, by: 4) {
                        if forgetting.isDone.withLock({ $0 }) {
                            forgetting.early.withLock { $0 += 1 }
                            return
                        }
                        _ = try await store.apply(WrittenEvents.batch(batch))
                    }
                }
            }
            group.addTask {
                _ = try await store.forget(user: "u1")
                forgetting.isDone.withLock { $0 = true }
            }
            try await group.waitForAll()
        }
        #expect(forgetting.early.withLock { $0 } == 4)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.contains { $0.hasPrefix("state-") })
        try await store.close()
    }

    @Test func everyoneWhoClosesIsAnswered() async throws {
        let store = try open(snapshotEvents: 1)
        _ = try await store.apply(WrittenEvents.batch(0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await store.close() } }
            try await group.waitForAll()
        }
    }

    @Test func oneProcessHasTheFolderOpen() async throws {
        let store = try open()
        let error = #expect(throws: FeatureError.self) { _ = try open() }
        #expect(error?.description.contains("Another process has it open") == true)
        try await store.close()
        try await open().close()
    }

    @Test func aClosedStoreRefuses() async throws {
        let store = try open()
        try await store.close()
        await #expect(throws: FeatureError.self) { try await store.apply(WrittenEvents.batch(0)) }
    }

    @Test func moreThanCanWaitIsRefusedAndDoesNothing() async throws {
        var options = DurableFeatureStore.Options()
        options.maximumWaiting = 10
        let store = try DurableFeatureStore(
            WrittenEvents.definitions,
            folder: folder.path,
            options: options
        )
        let error = await #expect(throws: FeatureError.self) {
            try await store.apply(WrittenEvents.batch(0))
        }
        #expect(error?.code == .featureStoreFull)
        let outcomes = try await store.apply(Array(WrittenEvents.batch(0).prefix(10)))
        #expect(outcomes.allSatisfy { $0 == .applied })
        try await store.close()
    }

    /// Whether a text stands in any file of the folder.
    private func isOnTheDisk(_ text: String) -> Bool {
        folder.contents().values.contains { $0.range(of: Data(text.utf8)) != nil }
    }

    @Test func nothingOfAForgottenUserIsLeftOnTheDisk() async throws {
        let store = try open(snapshotEvents: 500)
        let secret = "Mrs. Eleanor Vance"
        for batch in 0..<40 {
            var events = WrittenEvents.batch(batch)
            for place in events.indices where place % 4 == 0 { events[place].user = secret }
            _ = try await store.apply(events)
        }
        #expect(isOnTheDisk(secret))
        #expect(try await store.forget(user: secret))
        #expect(!isOnTheDisk(secret))
        try await store.close()
        #expect(!isOnTheDisk(secret))
    }

    @Test func changedDefinitionsKeepWhatTheyShare() async throws {
        let store = try open(snapshotEvents: 1)
        for batch in 0..<20 { _ = try await store.apply(WrittenEvents.batch(batch)) }
        // A snapshot of everything, and an empty log.
        _ = try await store.forget(user: "nobody")
        try await store.close()
        let kept = WrittenEvents.definitions.features
        let added = FeatureDefinition(
            "user_views",
            of: FeatureEntity([.user]),
            .count([.view], window: nil)
        )
        let changed = FeatureDefinitions([kept[5], added, kept[3], kept[0]], lateness: 3_600_000)
        let reopened = try open(changed)
        #expect(reopened.emptyFeatures == ["user_views"])
        let reference = MemoryFeatureStore(WrittenEvents.definitions)
        for batch in 0..<20 { _ = reference.apply(WrittenEvents.batch(batch)) }
        for question in questions() {
            let old = reference.features(question)
            let new = reopened.features(question)
            for row in 0..<question.items.count {
                let (before, now) = (old.row(row), new.row(row))
                #expect(now == [before[5], .number(0), before[3], before[0]])
            }
        }
        // Ids are known under the new lateness too.
        #expect(try await reopened.apply(WrittenEvents.batch(19)).allSatisfy { $0 != .applied })
        try await reopened.close()
    }

    @Test func aRaisedLatenessCountsNoForgottenEventTwice() async throws {
        func definitions(_ lateness: Int64) -> FeatureDefinitions {
            FeatureDefinitions(WrittenEvents.definitions.features, lateness: lateness)
        }
        func event(_ second: Int64) -> Event {
            Event(
                id: "\(second)",
                time: 1_780_000_000_000 + second * 1_000,
                kind: .view,
                user: "u",
                item: "i"
            )
        }
        let store = try open(definitions(24_000))
        for second in 0..<100 { _ = try await store.apply([event(Int64(second))]) }
        _ = try await store.forget(user: "nobody")
        try await store.close()
        let patient = try open(definitions(10_000_000))
        let outcomes = try await patient.apply([event(10), event(70), event(90), event(-1)])
        #expect(outcomes == [.late, .late, .duplicate, .late])
        try await patient.close()
        // What it learnt there it knows under the old lateness, and again.
        let reopened = try open(definitions(24_000))
        #expect(try await reopened.apply([event(90), event(75)]) == [.duplicate, .late])
        try await reopened.close()
    }

    @Test func damagedFilesAreToldApart() async throws {
        let store = try open()
        _ = try await store.apply(WrittenEvents.batch(0))
        _ = try await store.forget(user: "nobody")
        try await store.close()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let snapshot = try #require(names.first { $0.hasPrefix("state-") })
        try Data("not SQLite at all, but long enough to be looked at".utf8)
            .write(to: URL(fileURLWithPath: folder.path + "/" + snapshot))
        let error = #expect(throws: FeatureError.self) { _ = try open() }
        #expect(error?.code == .featureStore)
        #expect(error?.description.contains("snapshot") == true)
    }

    @Test(arguments: RandomKey.seeds(20))
    func changedBytesOfEntriesNeverTrap(key: RandomKey) {
        var random = key.generator()
        let whole = StoreEntry.events(WrittenEvents.batch(3)).bytes()
        for _ in 0..<50 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) {
                bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
            }
            _ = try? StoreEntry(bytes)
        }
    }
}

/// Whether a user is forgotten, and how many callers saw it before they had sent all.
private final class Forgetting: Sendable {
    let isDone = Mutex(false)
    let early = Mutex(0)
}
