/// Names what is kept together for one value of a dimension, such as everything of one user.
package struct StatePartName: Hashable, Sendable {
    let key: PartitionKey

    /// The dimension's name; `all` for what is kept of everything at once.
    package var dimension: String { key.dimension?.rawValue ?? "all" }
    /// The value; empty for everything at once.
    package var value: String { key.value }

    init(_ key: PartitionKey) { self.key = key }

    /// Everything kept under a user.
    package static func user(_ user: String) -> StatePartName {
        StatePartName(PartitionKey(dimension: .user, value: user))
    }
}

/// The layout of stored parts, and how they are read for the definitions of today.
package struct StoredLayout: Sendable {
    /// What tells it from other layouts.
    package let fingerprint: UInt64
    let conversion: StateConversion
    private let stored: StateLayout

    init(_ stored: StateLayout, _ plan: FeaturePlan) {
        self.stored = stored
        conversion = StateConversion(from: stored, to: plan)
        fingerprint = Self.fingerprint(stored.bytes())
    }

    /// The layout as bytes.
    package func bytes() -> [UInt8] { stored.bytes() }

    /// The features whose statistics it does not have.
    package var emptyFeatures: [String] { conversion.emptyFeatures() }

    /// FNV-1a.
    private static func fingerprint(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

extension StateLayout {
    /// The layout as bytes.
    fileprivate func bytes() -> [UInt8] {
        var writer = ByteWriter()
        write(to: &writer)
        return writer.bytes
    }
}

/// One part of the state, as a store elsewhere keeps it: changed as a whole, and written as bytes.
package struct StatePart: Sendable {
    var partition: Partition

    /// Whether there is nothing in it.
    package var isEmpty: Bool { partition.keys.isEmpty }

    init(_ partition: Partition = Partition()) { self.partition = partition }

    /// Appends the part to bytes.
    package func append(to bytes: inout [UInt8]) { bytes += partition.bytes() }
}
