import MotetFeatures

/// The parts that were read or written last, as bytes, up to a number of bytes.
///
/// There are two halves: what is used goes into the young one, and when that is full the old one is dropped and
/// the young one becomes it.
struct PartCache {
    private let limit: Int
    private var young: [StatePartName: [UInt8]] = [:]
    private var old: [StatePartName: [UInt8]] = [:]
    private var youngBytes = 0
    private var oldBytes = 0
    /// What a part costs beside its bytes, about.
    private static let overhead = 128

    /// Creates an empty cache.
    ///
    /// - Parameter limit: the most bytes.
    init(limit: Int) { self.limit = limit }

    /// The bytes of all parts.
    var bytes: Int { youngBytes + oldBytes }
    /// The number of parts.
    var count: Int { young.count + old.count }

    /// How many parts that were asked for were known, and how many were not.
    private(set) var lookups = (hits: 0, misses: 0)

    /// A part, if it is known.
    mutating func part(_ name: StatePartName) -> [UInt8]? {
        if let part = young[name] {
            lookups.hits += 1
            return part
        }
        guard let part = old[name] else {
            lookups.misses += 1
            return nil
        }
        lookups.hits += 1
        keep(part, name)
        return part
    }

    /// Keeps a part in place of what was known; nil where there is none.
    mutating func keep(_ part: [UInt8]?, _ name: StatePartName) {
        if let before = young.removeValue(forKey: name) { youngBytes -= Self.cost(before, name) }
        if let before = old.removeValue(forKey: name) { oldBytes -= Self.cost(before, name) }
        guard let part else { return }
        let cost = Self.cost(part, name)
        guard cost <= limit / 2 else { return }
        if youngBytes + cost > limit / 2 {
            (old, oldBytes) = (young, youngBytes)
            (young, youngBytes) = ([:], 0)
        }
        young[name] = part
        youngBytes += cost
    }

    /// Drops everything.
    mutating func clear() {
        let lookups = lookups
        self = PartCache(limit: limit)
        self.lookups = lookups
    }

    private static func cost(_ part: [UInt8], _ name: StatePartName) -> Int {
        part.count + name.value.utf8.count + overhead
    }
}
