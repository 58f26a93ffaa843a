/// The states of all keys, and the ids of recent events.
///
/// A value: a copy is a snapshot, and costs only what is changed after it was made. The keys are spread over
/// many small dictionaries for that reason.
struct FeatureState: Sendable {
    static let shardCount = 1_024

    let plan: FeaturePlan
    private(set) var shards: [[PartitionKey: Partition]]
    private(set) var identities: RecentIdentities

    /// The state before any event.
    init(_ plan: FeaturePlan) {
        self.plan = plan
        shards = [[PartitionKey: Partition]](repeating: [:], count: Self.shardCount)
        identities = RecentIdentities(lateness: plan.lateness)
    }

    /// Puts a state together from its stored parts.
    init(
        _ plan: FeaturePlan,
        identities: RecentIdentities,
        partitions: [(key: PartitionKey, partition: Partition)]
    ) {
        self.init(plan)
        self.identities = identities
        for (key, partition) in partitions { shards[Self.shard(key)][key] = partition }
    }

    private static func shard(_ key: PartitionKey) -> Int {
        Int(UInt(bitPattern: key.hashValue) % UInt(shardCount))
    }

    /// What is kept for a value of a dimension.
    func partition(_ key: PartitionKey) -> Partition? { shards[Self.shard(key)][key] }

    /// Takes in an event, unless it was taken in before or comes too late.
    mutating func apply(_ event: Event) -> EventOutcome {
        let identity = EventIdentity(event.id)
        let outcome = identities.take(identity, at: event.time)
        guard outcome == .applied else { return outcome }
        let order = EventOrder(time: event.time, tie: identity.high)
        plan.forEachPartition(of: event) { key, entities in
            shards[Self.shard(key)][key, default: Partition()].apply(event, order, entities, plan)
        }
        return .applied
    }

    /// Removes everything kept for a user; whether there was anything.
    mutating func forget(user: String) -> Bool {
        let key = PartitionKey(dimension: .user, value: user)
        return shards[Self.shard(key)].removeValue(forKey: key) != nil
    }

    /// A copy to be stored, which takes in no more events.
    var stored: FeatureState {
        var copy = self
        copy.identities = identities.stored
        return copy
    }

    /// The number of keys.
    var keyCount: Int {
        shards.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.keys.count } }
    }
}
