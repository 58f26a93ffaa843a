extension FeatureState {
    /// Reads the features of a request into a table.
    func read(_ request: FeatureRequest, _ items: ItemTable, into table: inout FeatureTable) {
        plan.read(request, items, into: &table) { partition($0) }
    }
}

extension FeaturePlan {
    /// Reads the features of a request, in the order of the definitions, in place of those before.
    ///
    /// A table that had as many rows before takes no memory.
    ///
    /// - Parameters:
    ///   - request: whom and what it is about.
    ///   - items: the categories of items.
    ///   - table: where they are put.
    ///   - look: finds what is kept for a value of a dimension.
    func read(
        _ request: FeatureRequest,
        _ items: ItemTable,
        into table: inout FeatureTable,
        _ look: (PartitionKey) -> Partition?
    ) {
        table.begin(self, rows: request.items.count)
        for (index, columns) in columnsByEntity.enumerated() where !columns.isEmpty {
            let entity = entities[index]
            let search = KeySearch(entity.entity, index, request, items, look)
            for row in 0..<(entity.entity.dependsOnItem ? request.items.count : 1) {
                let state = search.state(row, look)
                for column in columns {
                    self.columns[column].read(
                        state,
                        entity,
                        at: request.time,
                        into: &table.columns[column]
                    )
                }
            }
        }
    }
}

extension FeaturePlan.Column {
    /// Adds the value of a state to a column.
    fileprivate func read(
        _ state: KeyState?,
        _ plan: EntityPlan,
        at time: Int64,
        into column: inout FeatureTable.Column
    ) {
        if case .sequence(let slot) = reading {
            column.sequences.append(state?.texts[slot])
        } else {
            column.numbers.append(reading.number(state, plan, at: time))
        }
    }
}

/// Finds the states of an entity for the items of a request.
private struct KeySearch {
    private let entity: FeatureEntity
    private let index: Int
    private let request: FeatureRequest
    private let items: ItemTable
    /// What is kept under the user or the place, for all items; nil where items have parts of their own.
    private let shared: Partition??

    init(
        _ entity: FeatureEntity,
        _ index: Int,
        _ request: FeatureRequest,
        _ items: ItemTable,
        _ look: (PartitionKey) -> Partition?
    ) {
        self.entity = entity
        self.index = index
        self.request = request
        self.items = items
        switch entity.dimensions.first {
        case .item, .category: shared = nil
        case .user:
            shared = .some(request.user.flatMap { look(.init(dimension: .user, value: $0)) })
        case .scenario:
            shared = .some(
                request.scenario.flatMap { look(.init(dimension: .scenario, value: $0)) }
            )
        case nil: shared = .some(look(PartitionKey(dimension: nil, value: "")))
        }
    }

    /// The state of an item; where the entity does not depend on items, that of all.
    func state(_ row: Int, _ look: (PartitionKey) -> Partition?) -> KeyState? {
        guard let rest = entity.rest({ value(of: $0, row) }) else { return nil }
        let key = SubKey(entity: index, rest: rest)
        if let shared { return shared?.keys[key] }
        let first = entity.dimensions.first
        guard let start = first.flatMap({ value(of: $0, row) }) else { return nil }
        return look(PartitionKey(dimension: first, value: start))?.keys[key]
    }

    private func value(of dimension: FeatureDimension, _ row: Int) -> String? {
        switch dimension {
        case .user: request.user
        case .scenario: request.scenario
        case .item: request.items[row].item
        case .category: items.category(of: request.items[row])
        }
    }
}
