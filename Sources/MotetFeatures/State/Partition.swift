/// The first dimension of an entity with its value: what is kept together.
struct PartitionKey: Hashable, Sendable {
    /// The dimension; nil for the entity of everything at once.
    let dimension: FeatureDimension?
    let value: String
}

/// A key below its partition: the entity and the values of its other dimensions.
struct SubKey: Hashable, Sendable {
    /// The entity's place in the plan.
    let entity: Int
    /// The values, with a separator between them that no name holds.
    let rest: String
}

/// The states of all keys that begin with one value, such as everything kept for a user.
struct Partition: Hashable, Sendable {
    var keys: [SubKey: KeyState] = [:]

    /// Takes in an event.
    mutating func apply(
        _ event: Event,
        _ order: EventOrder,
        _ entities: [Int],
        _ plan: FeaturePlan
    ) {
        for index in entities {
            let entity = plan.entities[index]
            guard entity.kinds.contains(event.kind),
                let rest = entity.entity.rest({ event.value(of: $0) })
            else { continue }
            let key = SubKey(entity: index, rest: rest)
            keys[key, default: KeyState(entity)].apply(
                event,
                order,
                entity,
                lateness: plan.lateness
            )
        }
    }
}

extension FeaturePlan {
    /// Calls a function with what an event may change: the partition, and its entities.
    func forEachPartition(of event: Event, _ body: (PartitionKey, [Int]) -> Void) {
        for (place, entities) in entitiesByFirst.enumerated() where !entities.isEmpty {
            let dimensions = FeatureDimension.allCases
            let dimension = place < dimensions.count ? dimensions[place] : nil
            guard let value = dimension.map({ event.value(of: $0) }) ?? "" else { continue }
            body(PartitionKey(dimension: dimension, value: value), entities)
        }
    }
}

extension Event {
    /// The event's value of a dimension.
    func value(of dimension: FeatureDimension) -> String? {
        switch dimension {
        case .user: user
        case .item: item
        case .category: category
        case .scenario: scenario
        }
    }
}

extension FeatureEntity {
    /// The values of the dimensions after the first; nil where one is missing.
    func rest(_ value: (FeatureDimension) -> String?) -> String? {
        guard dimensions.count > 1 else { return "" }
        guard var rest = value(dimensions[1]) else { return nil }
        for dimension in dimensions.dropFirst(2) {
            guard let more = value(dimension) else { return nil }
            rest += "\u{1F}" + more
        }
        return rest
    }
}
