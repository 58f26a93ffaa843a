/// Computes with parts of a state that is kept elsewhere.
///
/// It tells which parts events and requests need, what events make of them, and which features they give, by the
/// code that computes in memory.
package struct PartedFeatures: Sendable {
    private let plan: FeaturePlan
    private let items: ItemTable
    /// How parts are laid out from now on.
    package let layout: StoredLayout

    /// Works definitions out.
    package init(_ definitions: FeatureDefinitions, items: ItemTable) {
        plan = FeaturePlan(definitions)
        self.items = items
        layout = StoredLayout(StateLayout(plan), plan)
    }

    /// The window of events before any.
    package var window: EventWindow { EventWindow(lateness: plan.lateness) }

    /// Whether profiles are kept.
    package var keepsProfiles: Bool { plan.profile != nil }

    /// A part before any event.
    package var emptyPart: StatePart { StatePart() }

    /// Reads the layout of parts that were written under other definitions.
    ///
    /// - Throws: ``FeatureError`` with the code `feature_store` when it is damaged.
    package func layout(_ bytes: [UInt8]) throws(FeatureError) -> StoredLayout {
        var reader = ByteReader(bytes[...])
        do {
            let layout = try StateLayout(from: &reader)
            guard reader.isAtEnd else { throw StoredBytesError.damaged }
            return StoredLayout(layout, plan)
        } catch {
            throw FeatureError.damaged("a layout")
        }
    }

    /// Reads a part.
    ///
    /// - Throws: ``FeatureError`` with the code `feature_store` when it is damaged.
    package func part(
        _ bytes: ArraySlice<UInt8>,
        laidOutBy layout: StoredLayout
    ) throws(FeatureError) -> StatePart {
        do {
            return StatePart(try Partition(bytes, layout.conversion))
        } catch {
            throw FeatureError.damaged("a part of the state")
        }
    }

    /// The names of the parts events may change, each once.
    package func parts(of events: [Event]) -> [StatePartName] {
        var names = Names()
        for event in events {
            plan.forEachPartition(of: event) { key, entities in
                if entities.contains(where: { plan.entities[$0].kinds.contains(event.kind) }) {
                    names.add(key)
                }
            }
        }
        return names.list
    }

    /// The names of the parts the features of a request are read from, each once.
    package func parts(of request: FeatureRequest) -> [StatePartName] {
        var names = Names()
        let firsts = FeatureDimension.allCases.map { Optional($0) } + [nil]
        for (first, entities) in zip(firsts, plan.entitiesByFirst) where !entities.isEmpty {
            switch first {
            case .user: names.add(first, request.user)
            case .scenario: names.add(first, request.scenario)
            case .item: for item in request.items { names.add(first, item.item) }
            case .category: for item in request.items { names.add(first, items.category(of: item)) }
            case nil: names.add(nil, "")
            }
        }
        return names.list
    }

    /// Takes in an event that is neither late nor known.
    ///
    /// - Parameters:
    ///   - event: the event.
    ///   - parts: the parts it may change; those that were not there are made.
    /// - Returns: the names of those it changed.
    package func apply(
        _ event: Event,
        to parts: inout [StatePartName: StatePart]
    ) -> [StatePartName] {
        let order = EventOrder(time: event.time, tie: EventIdentity(event.id).high)
        var changed: [StatePartName] = []
        plan.forEachPartition(of: event) { key, entities in
            guard entities.contains(where: { plan.entities[$0].kinds.contains(event.kind) }) else {
                return
            }
            let name = StatePartName(key)
            parts[name, default: StatePart()].partition.apply(event, order, entities, plan)
            changed.append(name)
        }
        return changed
    }

    /// Reads the features of a request from parts into a table; those that are not there are as without events.
    package func read(
        _ request: FeatureRequest,
        from parts: [StatePartName: StatePart],
        isDegraded: Bool,
        into table: inout FeatureTable
    ) {
        plan.read(request, items, into: &table) { parts[StatePartName($0)]?.partition }
        table.isDegraded = isDegraded
    }

    /// The profile of what is kept for a user; nil where no profiles are kept.
    package func profile(_ part: StatePart, at time: Int64, isDegraded: Bool) -> UserProfile? {
        var profile = plan.profile(of: part.partition, at: time)
        profile?.isDegraded = isDegraded
        return profile
    }
}

/// Names in the order they came, each once.
private struct Names {
    private(set) var list: [StatePartName] = []
    private var known: Set<StatePartName> = []

    mutating func add(_ key: PartitionKey) {
        let name = StatePartName(key)
        if known.insert(name).inserted { list.append(name) }
    }

    mutating func add(_ dimension: FeatureDimension?, _ value: String?) {
        guard let value else { return }
        add(PartitionKey(dimension: dimension, value: value))
    }
}

/// The 128 bits that stand for an event's id.
package func identityBytes(of id: String) -> [UInt8] {
    let identity = EventIdentity(id)
    var writer = ByteWriter()
    writer.write(fixed: identity.high)
    writer.write(fixed: identity.low)
    return writer.bytes
}
