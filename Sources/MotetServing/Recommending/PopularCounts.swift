import Foundation
import MotetCandidates
import Synchronization

/// The most wanted items by a feature of the store, counted again now and then.
///
/// Counting reads the feature of every item of the catalogue, a second for a million. ``warm(in:_:)`` counts before a
/// model answers; requests get what was counted last while a thread counts again. Where a store could not be asked
/// before, the first request of a place waits for the count.
final class PopularCounts: Sendable {
    /// The feature.
    let feature: String
    /// Whether places of the shop have counts of their own.
    let isOfScenarios: Bool
    /// How often a count was at hand.
    let lookups = CacheCounts()
    private let limit: Int
    private let lifetime: Duration
    private let state = Mutex<[String: Entry]>([:])

    private struct Entry {
        var items: PopularItems
        var counted: ContinuousClock.Instant
        var isCounting = false
    }

    /// Creates counts; nothing is counted yet.
    ///
    /// - Parameters:
    ///   - feature: the feature.
    ///   - isOfScenarios: whether places of the shop have counts of their own.
    ///   - limit: how many items are kept.
    ///   - refreshSeconds: for how long a count is good.
    init(_ feature: String, isOfScenarios: Bool, limit: Int, refreshSeconds: Double) {
        self.feature = feature
        self.isOfScenarios = isOfScenarios
        self.limit = limit
        lifetime = .seconds(refreshSeconds)
    }

    /// The most wanted items of a place.
    ///
    /// - Parameters:
    ///   - scenario: the place; nil for all.
    ///   - count: asks the store for the feature of every item of the catalogue.
    /// - Returns: the items, as they were counted last.
    /// - Throws: what `count` throws where nothing was counted before.
    func items(
        in scenario: String?,
        _ count: @escaping @Sendable () throws -> [Double]
    ) throws -> PopularItems {
        let key = key(scenario)
        let now = ContinuousClock.now
        let (known, isStale) = state.withLock { state -> (PopularItems?, Bool) in
            guard let entry = state[key] else { return (nil, false) }
            let isStale = !entry.isCounting && now - entry.counted >= lifetime
            if isStale { state[key]?.isCounting = true }
            return (entry.items, isStale)
        }
        if isStale {
            Thread.detachNewThread { [self] in
                let items = try? PopularItems(count(), limit: limit)
                state.withLock { state in
                    // A store that cannot be asked leaves what is known, until the next time.
                    if let items { state[key]?.items = items }
                    state[key]?.counted = .now
                    state[key]?.isCounting = false
                }
            }
        }
        lookups.add(hits: known == nil ? 0 : 1, misses: known == nil ? 1 : 0)
        if let known { return known }
        let items = PopularItems(try count(), limit: limit)
        state.withLock { $0[key] = Entry(items: items, counted: .now) }
        return items
    }

    /// Counts the items of a place that were not counted yet, so that no request waits for it.
    ///
    /// The first request gets this count, and lets a thread count again. Where nobody wanted anything yet nothing is
    /// kept, and the first request counts.
    ///
    /// - Parameters:
    ///   - scenario: the place; nil for all.
    ///   - count: asks the store for the feature of every item of the catalogue.
    /// - Throws: what `count` throws.
    func warm(in scenario: String?, _ count: () throws -> [Double]) throws {
        let key = key(scenario)
        guard state.withLock({ $0[key] == nil }) else { return }
        let items = PopularItems(try count(), limit: limit)
        guard !items.places.isEmpty else { return }
        state.withLock { state in
            if state[key] == nil { state[key] = Entry(items: items, counted: .now - lifetime) }
        }
    }

    private func key(_ scenario: String?) -> String { isOfScenarios ? scenario ?? "" : "" }
}
