import Foundation
import MotetFeatureStore
import MotetFeatures
import Synchronization

/// How many events a store acknowledges in a time, and how long a batch waits.
struct Measurement {
    /// A folder, or `redis:` and the port of one on this machine.
    let folder: String
    var seconds = 10.0
    var batch = 100
    var callers = 8
    var durability = StoreDurability.power
    /// Events a second that are due; 0 for as many as the store takes.
    var rate = 0.0

    init(folder: String) { self.folder = folder }

    func run() async throws {
        if folder.hasPrefix("redis:") { return try await runInRedis() }
        var options = DurableFeatureStore.Options()
        options.durability = durability
        let store = try DurableFeatureStore(
            WrittenEvents.definitions,
            folder: folder,
            options: options
        )
        try await write(to: store)
        let failure = store.snapshotFailure
        try await store.close()
        if let failure { print("\(failure)") }
        let clock = ContinuousClock()
        let again = clock.now
        let reopened = try DurableFeatureStore(
            WrittenEvents.definitions,
            folder: folder,
            options: options
        )
        let restart = (clock.now - again) / .seconds(1)
        print("opened again in \(String(format: "%.2f", restart)) s")
        try await reopened.close()
    }

    /// Writes to a Redis, then reads requests of 500 items from it.
    private func runInRedis() async throws {
        var options = RedisFeatureStore.Options()
        options.port = Int(folder.dropFirst("redis:".count)) ?? options.port
        options.timeoutMilliseconds = 10_000
        let store = try RedisFeatureStore(WrittenEvents.definitions, options: options)
        try await write(to: store)
        let clock = ContinuousClock()
        let waits = (0..<500).map { number in
            let request = FeatureRequest(
                user: "user-\(number * 7)",
                scenario: "home",
                items: (0..<500).map {
                    FeatureCandidate(item: "item-\($0)", category: "category-\($0 % 20)")
                },
                time: 1_780_100_000_000
            )
            let start = clock.now
            let table = store.read(request)
            precondition(!table.isDegraded, "Redis does not answer in time")
            return (clock.now - start) / .milliseconds(1)
        }.sorted()
        print(
            "features of a user and 500 items: p50 \(String(format: "%.2f", waits[250])) ms, p99 "
                + "\(String(format: "%.2f", waits[495])) ms"
        )
        await store.close()
    }

    private func write(to store: any FeatureStore) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        let numbers = BatchNumbers()
        let waits = try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<callers {
                group.addTask {
                    var waits: [Double] = []
                    while clock.now < end {
                        let number = numbers.next()
                        let events = WrittenEvents.batch(number, size: batch, users: 100_000)
                        var due = clock.now
                        if rate > 0 {
                            due = start + .seconds(Double(number * batch) / rate)
                            if due > clock.now { try await Task.sleep(until: due, clock: clock) }
                        }
                        _ = try await store.apply(events)
                        waits.append((clock.now - due) / .milliseconds(1))
                    }
                    return waits
                }
            }
            var all: [Double] = []
            for try await part in group { all += part }
            return all.sorted()
        }
        let elapsed = (clock.now - start) / .seconds(1)
        let kept =
            folder.hasPrefix("redis:")
            ? "durable as Redis is" : "durable against loss of \(durability.rawValue)"
        func quantile(_ share: Double) -> String {
            String(format: "%.1f", waits[min(waits.count - 1, Int(share * Double(waits.count)))])
        }
        print(
            "\(rate > 0 ? "\(Int(rate)) events/s due: " : "")\(waits.count * batch) events in \(String(format: "%.1f", elapsed)) s by \(callers) callers, batches "
                + "of \(batch), \(kept): "
                + "\(Int(Double(waits.count * batch) / elapsed)) events/s"
        )
        print(
            "a batch waits p50 \(quantile(0.5)) ms, p90 \(quantile(0.9)) ms, p99 \(quantile(0.99)) ms, most "
                + "\(quantile(1)) ms"
        )
    }
}

/// Numbers that each caller takes one after the other, every one once.
private final class BatchNumbers: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
}
