import MotetExperiments
import Synchronization

/// Counts how often something that is kept was there.
final class CacheCounts: Sendable {
    private let found = Atomic<Int>(0)
    private let missing = Atomic<Int>(0)

    /// Counts what was asked for.
    ///
    /// - Parameters:
    ///   - hits: how much of it was there.
    ///   - misses: how much was not.
    func add(hits: Int, misses: Int) {
        if hits > 0 { found.wrappingAdd(hits, ordering: .relaxed) }
        if misses > 0 { missing.wrappingAdd(misses, ordering: .relaxed) }
    }

    /// How much was there.
    var hits: Int { found.load(ordering: .relaxed) }
    /// How much was not.
    var misses: Int { missing.load(ordering: .relaxed) }
}

/// What is kept of something so that it need not be computed or asked for again, for `/metrics`.
struct CacheFigures: Hashable, Sendable {
    /// What is kept.
    enum Kind: String, Sendable {
        /// The shop's table of items, encoded, with what a model computes of them alone.
        case items
        /// The most wanted items of a place.
        case popular
        /// What was last read from Redis.
        case redis
    }

    var kind: Kind
    /// The model it is of; nil where it is of none.
    var version: String?
    /// How often it was there, and how often not.
    var hits: Int
    var misses: Int
    /// How much memory it takes, where that is known.
    var bytes: Int?

    /// Those of the models that are held, each once.
    static func all(_ models: ModelStore) -> [CacheFigures] {
        let current = models.current
        let previous = models.previous.flatMap { $0.version == current?.version ? nil : $0 }
        let items = [current, previous].compactMap(\.self).compactMap { model in
            model.items.map { items in
                CacheFigures(
                    kind: .items,
                    version: model.version,
                    hits: items.lookups.hits,
                    misses: items.lookups.misses,
                    bytes: items.table.storedBytes
                )
            }
        }
        let counts = current?.catalogue?.resources.popularCounts ?? []
        guard !counts.isEmpty else { return items }
        return items + [
            CacheFigures(
                kind: .popular,
                hits: counts.reduce(0) { $0 + $1.lookups.hits },
                misses: counts.reduce(0) { $0 + $1.lookups.misses }
            )
        ]
    }

    /// Writes all of a server.
    static func write(_ all: [CacheFigures], to text: inout MetricsText) {
        guard !all.isEmpty else { return }
        text.metric(
            "motet_cache_total",
            "counter",
            "What was asked of caches, by whether it was there."
        )
        for cache in all {
            for (outcome, count) in [("hit", cache.hits), ("miss", cache.misses)] {
                if let version = cache.version {
                    text.value(
                        "motet_cache_total",
                        ["cache": cache.kind.rawValue, "version": version, "outcome": outcome],
                        Double(count)
                    )
                } else {
                    text.value(
                        "motet_cache_total",
                        ["cache": cache.kind.rawValue, "outcome": outcome],
                        Double(count)
                    )
                }
            }
        }
        guard all.contains(where: { $0.bytes != nil }) else { return }
        text.metric("motet_cache_bytes", "gauge", "Memory of caches.")
        for cache in all {
            guard let bytes = cache.bytes else { continue }
            if let version = cache.version {
                text.value(
                    "motet_cache_bytes",
                    ["cache": cache.kind.rawValue, "version": version],
                    Double(bytes)
                )
            } else {
                text.value("motet_cache_bytes", ["cache": cache.kind.rawValue], Double(bytes))
            }
        }
    }
}
