/// A state at one moment, in parts that can be stored one by one.
package struct StateSnapshot: Sendable {
    private let state: FeatureState

    init(_ state: FeatureState) { self.state = state }

    /// The layout and the ids of recent events.
    package func head() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(byte: 2)
        StateLayout(state.plan).write(to: &writer)
        state.identities.write(to: &writer)
        return writer.bytes
    }

    /// Calls a function with each partition: its dimension, its value and its keys as bytes.
    package func forEachPartition(
        _ body: (_ dimension: String, _ value: String, _ keys: [UInt8]) throws -> Void
    ) rethrows {
        for shard in state.shards {
            for (key, partition) in shard {
                try body(key.dimension?.rawValue ?? "all", key.value, partition.bytes())
            }
        }
    }

    /// The number of keys.
    package var keyCount: Int { state.keyCount }
}

/// Puts a state together from the parts of a snapshot.
package struct StateRestoration {
    private let plan: FeaturePlan
    private let conversion: StateConversion
    private let identities: RecentIdentities
    private var partitions: [(key: PartitionKey, partition: Partition)] = []

    /// Reads the head.
    ///
    /// - Throws: ``FeatureError`` with the code `feature_store` when it is damaged.
    package init(_ definitions: FeatureDefinitions, head: [UInt8]) throws(FeatureError) {
        plan = FeaturePlan(definitions)
        do {
            var reader = ByteReader(head[...])
            let version = try reader.byte()
            guard version == 1 || version == 2 else { throw StoredBytesError.damaged }
            let layout = try StateLayout(from: &reader)
            conversion = StateConversion(from: layout, to: plan)
            identities = try RecentIdentities(
                from: &reader,
                lateness: layout.lateness,
                hasFloor: version == 2
            ).kept(for: plan.lateness)
        } catch {
            throw FeatureError.damaged("the snapshot")
        }
    }

    /// The features whose statistics were not stored, so that they start empty.
    package var emptyFeatures: [String] { conversion.emptyFeatures() }

    /// Adds a partition.
    package mutating func add(
        dimension: String,
        value: String,
        keys bytes: [UInt8]
    ) throws(FeatureError) {
        let place = dimension == "all" ? nil : FeatureDimension(rawValue: dimension)
        guard place != nil || dimension == "all" else { throw FeatureError.damaged("the snapshot") }
        let partition: Partition
        do {
            partition = try Partition(bytes[...], conversion)
        } catch {
            throw FeatureError.damaged("the snapshot")
        }
        guard !partition.keys.isEmpty else { return }
        partitions.append((PartitionKey(dimension: place, value: value), partition))
    }

    /// The state.
    package consuming func finish() -> KeptFeatures {
        KeptFeatures(FeatureState(plan, identities: identities, partitions: partitions))
    }
}
