@testable import FeatureStoreWriter
import Foundation
import MotetFeatures
import MotetTestSupport
import Testing

@testable import MotetFeatureStore

/// The program that writes to a store until it is killed, built beside the tests.
struct WriterProcess {
    private struct NotBuilt: Error {}

    private static func binary() throws -> String {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path != "/" {
            let file = folder.appendingPathComponent("FeatureStoreWriter").path
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder),
                !isFolder.boolValue
            {
                return file
            }
            folder.deleteLastPathComponent()
        }
        throw NotBuilt()
    }

    /// Runs the program until it acknowledged some batches, kills it without warning, and gives the batches it
    /// acknowledged.
    static func acknowledged(
        in folder: String,
        first: Int,
        killedAfter acknowledgements: Int
    ) throws -> [Int] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try binary())
        process.arguments = ["write", folder, "\(first)", "100000", "300"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var text = Data()
        var lines = 0
        while lines <= acknowledgements {
            let part = pipe.fileHandleForReading.availableData
            guard !part.isEmpty else { break }
            text += part
            lines += part.count { $0 == UInt8(ascii: "\n") }
        }
        kill(process.processIdentifier, SIGKILL)
        // What was acknowledged before the kill and not read yet counts too.
        text += pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line in
            line.hasPrefix("ack ") ? Int(line.dropFirst(4)) : nil
        }
    }
}

@Suite("A store that is killed", .serialized) struct KillTests {
    /// How many times; `make soak` asks for more.
    private static let kills =
        ProcessInfo.processInfo.environment["MOTET_SOAK_KILLS"].flatMap(Int.init) ?? 3

    @Test func acknowledgedEventsAreThereAndNoneCountsTwice() async throws {
        let folder = try ScratchFolder()
        var acknowledged: Set<Int> = []
        var first = 0
        var sent = 0
        for round in 0..<Self.kills {
            let batches = try WriterProcess.acknowledged(
                in: folder.path,
                first: first,
                killedAfter: 20 + 37 * round % 190
            )
            #expect(batches.count >= 20, "round \(round)")
            acknowledged.formUnion(batches)
            // Four callers were at most one batch further than the last that was acknowledged.
            sent = (batches.max() ?? first) + 8
            first = (batches.max() ?? first) + 1

            let store = try DurableFeatureStore(WrittenEvents.definitions, folder: folder.path)
            let counted = Self.countedEvents(store)
            // Sending everything again tells which events are there: all that were acknowledged are.
            var duplicates = 0
            let reference = MemoryFeatureStore(WrittenEvents.definitions)
            for batch in 0..<sent {
                let events = WrittenEvents.batch(batch)
                let outcomes = try await store.apply(events)
                duplicates += outcomes.count { $0 == .duplicate }
                if acknowledged.contains(batch) {
                    #expect(outcomes.allSatisfy { $0 == .duplicate }, "batch \(batch) was lost")
                }
                _ = reference.apply(events)
            }
            #expect(counted == duplicates, "some event counts twice, or not at all")
            #expect(try await answers(store) == answers(reference))
            try await store.close()
            acknowledged.formUnion(0..<sent)
        }
        print("\(Self.kills) kills, \(acknowledged.count * WrittenEvents.batchSize) events")
    }

    /// How many events a store counts, all in all.
    private static func countedEvents(_ store: DurableFeatureStore) -> Int {
        let all = FeatureRequest(user: nil, scenario: nil, items: [], time: 1_790_000_000_000)
        guard case .number(let count)? = store.features(all).columns.first?[0] else { return -1 }
        return Int(count)
    }

    @Test func theCheckFindsALostBatch() async throws {
        let folder = try ScratchFolder()
        let store = try DurableFeatureStore(WrittenEvents.definitions, folder: folder.path)
        _ = try await store.apply(WrittenEvents.batch(0))
        let outcomes = try await store.apply(WrittenEvents.batch(1))
        #expect(outcomes.allSatisfy { $0 == .applied })
        #expect(Self.countedEvents(store) == 2 * WrittenEvents.batchSize)
        try await store.close()
    }
}
