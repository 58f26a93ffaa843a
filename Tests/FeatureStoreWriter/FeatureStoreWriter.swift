import Foundation
import MotetFeatureStore
import MotetFeatures

/// Sends made-up events to a durable store and prints what was acknowledged: for the tests that kill it, and
/// to measure it.
///
///     FeatureStoreWriter decode BATCHES BATCH
///     FeatureStoreWriter write FOLDER FIRST BATCHES SNAPSHOT_EVENTS
///     FeatureStoreWriter measure FOLDER|redis:PORT SECONDS BATCH CALLERS process|power EVENTS_A_SECOND
///
/// With 0 events a second the callers send as fast as the store answers. Otherwise batches are due at fixed times, and a
/// wait counts from when a batch was due, so that a store that stalls is not asked less.
@main struct FeatureStoreWriter {
    static func main() async throws {
        let arguments = CommandLine.arguments
        switch arguments.dropFirst().first {
        case "write" where arguments.count == 6:
            try await write(
                arguments[2],
                first: Int(arguments[3]) ?? 0,
                batches: Int(arguments[4]) ?? 0,
                snapshotEvents: Int(arguments[5]) ?? 1
            )
        case "measure" where arguments.count == 8:
            var measurement = Measurement(folder: arguments[2])
            measurement.seconds = Double(arguments[3]) ?? 1
            measurement.batch = Int(arguments[4]) ?? 100
            measurement.callers = Int(arguments[5]) ?? 8
            measurement.durability = StoreDurability(rawValue: arguments[6]) ?? .power
            measurement.rate = Double(arguments[7]) ?? 0
            try await measurement.run()
        case "decode" where arguments.count == 4:
            try decode(batches: Int(arguments[2]) ?? 1_000, batch: Int(arguments[3]) ?? 100)
        default:
            print(
                "usage: decode BATCHES BATCH | write FOLDER FIRST BATCHES SNAPSHOT_EVENTS | measure FOLDER|redis:PORT SECONDS BATCH CALLERS "
                    + "process|power EVENTS_A_SECOND"
            )
            exit(64)
        }
    }

    /// Sends batches by four callers at once; a line of each batch that was acknowledged.
    private static func write(
        _ folder: String,
        first: Int,
        batches: Int,
        snapshotEvents: Int
    ) async throws {
        var options = DurableFeatureStore.Options()
        options.snapshotEvents = snapshotEvents
        let store = try DurableFeatureStore(
            WrittenEvents.definitions,
            folder: folder,
            options: options
        )
        announce("open")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<4 {
                group.addTask {
                    for batch in stride(from: first + caller, to: first + batches, by: 4) {
                        _ = try await store.apply(WrittenEvents.batch(batch))
                        announce("ack \(batch)")
                    }
                }
            }
            try await group.waitForAll()
        }
        try await store.close()
        announce("done")
    }

    /// Reads batches from JSON on one thread.
    private static func decode(batches: Int, batch: Int) throws {
        let bodies = (0..<50).map { number in
            let events = WrittenEvents.batch(number, size: batch).map { event in
                """
                {"id": "\(event.id)", "time": \(event.time), "kind": "\(event.kind.rawValue)", "user": \
                "\(event.user)", "item": "\(event.item ?? "")", "category": "\(event.category ?? "")", \
                "scenario": "home", "quantity": \(event.quantity), "price": \(event.price ?? 0)}
                """
            }
            return Data("[\(events.joined(separator: ", "))]".utf8)
        }
        let decoder = EventDecoder(maximumEvents: batch)
        let clock = ContinuousClock()
        let start = clock.now
        var count = 0
        for number in 0..<batches { count += try decoder.events(in: bodies[number % 50]).count }
        let seconds = (clock.now - start) / .seconds(1)
        print(
            "\(count) events from JSON in batches of \(batch): \(Int(Double(count) / seconds)) events/s"
        )
    }

    /// One write of one line, so that a line is there whole or not at all.
    private static func announce(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
    }
}

/// Events that are the same in every process.
enum WrittenEvents {
    /// The number of events of a batch.
    static let batchSize = 20

    static let definitions = FeatureDefinitions([
        FeatureDefinition(
            "all",
            of: FeatureEntity([]),
            .count(Set(EventKind.allCases), window: nil)
        ),
        FeatureDefinition(
            "user_spend",
            of: FeatureEntity([.user]),
            .sum(
                EventWeights([.purchase]),
                of: .amount,
                window: FeatureWindow(hop: 3_600_000, tiles: 24)
            )
        ),
        FeatureDefinition(
            "affinity",
            of: FeatureEntity([.user, .category]),
            .decayed(EventWeights([.view: 1, .purchase: 5]), of: .one, halfLife: 86_400_000)
        ),
        FeatureDefinition(
            "item_rate",
            of: FeatureEntity([.item]),
            .rate([.purchase], per: [.view], window: nil, prior: 0.1, strength: 10)
        ),
        FeatureDefinition(
            "recent",
            of: FeatureEntity([.user]),
            .sequence([.view, .purchase], of: .item, length: 10, isDistinct: true)
        ),
        FeatureDefinition(
            "visit",
            of: FeatureEntity([.user]),
            .session(Set(EventKind.allCases), gap: 1_800_000, measure: .events)
        ),
    ])

    /// The events of a batch; every one is of one of `users` users and 500 items.
    static func batch(_ batch: Int, size: Int = batchSize, users: UInt64 = 200) -> [Event] {
        (0..<size).map { place in
            let number = batch * size + place
            let bits = mixed(UInt64(number))
            let item = bits >> 20 % 500
            return Event(
                id: "event-\(number)",
                // Half an hour of arrivals out of order, within the lateness of a day.
                time: 1_780_000_000_000 + Int64(number) * 7 + Int64(bits % 1_800_000),
                kind: EventKind.allCases[Int(bits >> 40 % 5)],
                user: "user-\(bits >> 8 % users)",
                item: "item-\(item)",
                category: "category-\(item % 20)",
                scenario: "home",
                quantity: Double(bits >> 50 % 3 + 1),
                price: Double(bits >> 30 % 10_000) / 100
            )
        }
    }

    private static func mixed(_ number: UInt64) -> UInt64 {
        var bits = number &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}
