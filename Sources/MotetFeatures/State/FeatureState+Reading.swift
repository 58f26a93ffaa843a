extension FeatureState {
    /// The features of a request.
    func features(_ request: FeatureRequest, _ items: ItemTable) -> FeatureTable {
        plan.features(request, items) { partition($0) }
    }
}

extension FeaturePlan {
    /// The features of a request.
    ///
    /// - Parameters:
    ///   - request: whom and what it is about.
    ///   - items: the categories of items.
    ///   - partition: finds what is kept for a value of a dimension.
    /// - Returns: the features, in the order of the definitions.
    func features(
        _ request: FeatureRequest,
        _ items: ItemTable,
        partition: (PartitionKey) -> Partition?
    ) -> FeatureTable {
        let lookup = FeatureLookup(self, request, items, partition)
        let columns = columns.map { column in
            let entity = entities[column.entity]
            let states = lookup.states[column.entity]
            return FeatureTable.Column(
                name: column.name,
                isShared: !entity.entity.dependsOnItem,
                values: column.isText
                    ? .texts(states.map { column.reading.text($0) })
                    : .numbers(
                        states.map { column.reading.number($0, entity, at: request.time) }
                    )
            )
        }
        return FeatureTable(rowCount: request.items.count, columns: columns)
    }
}

/// The states a request needs, each looked up once.
private struct FeatureLookup {
    /// For each entity one state, or one for each item where it depends on the item.
    private(set) var states: [[KeyState?]] = []

    init(
        _ plan: FeaturePlan,
        _ request: FeatureRequest,
        _ items: ItemTable,
        _ look: (PartitionKey) -> Partition?
    ) {
        let categories = request.items.map { items.category(of: $0) }
        var partitions: [PartitionKey: Partition] = [:]
        func partition(_ key: PartitionKey) -> Partition? {
            // A user's and a place's partition serve all items; others hardly ever come again.
            guard key.dimension == .user || key.dimension == .scenario else {
                return look(key)
            }
            if let known = partitions[key] { return known }
            let found = look(key)
            partitions[key] = found
            return found
        }
        for (index, entity) in plan.entities.enumerated() {
            let dimensions = entity.entity.dimensions
            func find(_ item: Int?) -> KeyState? {
                func value(_ dimension: FeatureDimension) -> String? {
                    switch dimension {
                    case .user: request.user
                    case .scenario: request.scenario
                    case .item: item.flatMap { request.items[$0].item }
                    case .category: item.flatMap { categories[$0] }
                    }
                }
                let first = dimensions.first
                guard let start = first.map({ value($0) }) ?? "",
                    let rest = entity.entity.rest(value)
                else { return nil }
                return partition(PartitionKey(dimension: first, value: start))?
                    .keys[SubKey(entity: index, rest: rest)]
            }
            states.append(
                entity.entity.dependsOnItem ? request.items.indices.map { find($0) } : [find(nil)]
            )
        }
    }
}
