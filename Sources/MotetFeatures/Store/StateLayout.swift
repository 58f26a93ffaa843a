/// Which statistics stored states have, slot by slot: it tells what of them is still of use when definitions
/// changed.
struct StateLayout: Hashable, Sendable {
    /// The statistics of an entity, list by list in the order of ``KeyState``.
    struct Entity: Hashable, Sendable {
        var name: String
        var signatures: [[String]]
    }

    var lateness: Int64
    var entities: [Entity]

    /// The layout of states made with a plan.
    init(_ plan: FeaturePlan) {
        lateness = plan.lateness
        entities = plan.entities.map { entity in
            Entity(
                name: entity.entity.description,
                signatures: [
                    entity.counts.map(\.signature), entity.sums.map(\.signature),
                    entity.times.map(\.signature), entity.values.map(\.signature),
                    entity.texts.map(\.signature), entity.sessions.map(\.signature),
                ]
            )
        }
    }

    func write(to writer: inout ByteWriter) {
        writer.write(signed: lateness)
        writer.write(count: entities.count)
        for entity in entities {
            writer.write(text: entity.name)
            for list in entity.signatures {
                writer.write(count: list.count)
                for signature in list { writer.write(text: signature) }
            }
        }
    }

    init(from reader: inout ByteReader) throws(StoredBytesError) {
        lateness = try reader.signed()
        guard lateness > 0 else { throw .damaged }
        entities = []
        for _ in 0..<(try reader.count()) {
            let name = try reader.text()
            var lists: [[String]] = []
            for _ in 0..<6 {
                var list: [String] = []
                for _ in 0..<(try reader.count()) { list.append(try reader.text()) }
                lists.append(list)
            }
            entities.append(Entity(name: name, signatures: lists))
        }
    }
}

/// Turns stored states of one layout into states of a plan: statistics that both have are carried over, the
/// others start empty.
struct StateConversion: Sendable {
    /// For each stored entity its place in the plan, and for each list of slots where each comes from.
    private let entities: [(place: Int, slots: [[Int?]])?]
    private let stored: StateLayout
    private let plan: FeaturePlan
    /// For each stored entity how many slots its lists have.
    private let slotCounts: [[Int]]
    /// Whether nothing differs.
    let isIdentity: Bool

    init(from stored: StateLayout, to plan: FeaturePlan) {
        self.stored = stored
        self.plan = plan
        let wanted = StateLayout(plan)
        isIdentity = stored.entities == wanted.entities
        slotCounts = stored.entities.map { $0.signatures.map(\.count) }
        entities = stored.entities.map { entity in
            guard let place = wanted.entities.firstIndex(where: { $0.name == entity.name }) else {
                return nil
            }
            let slots = zip(wanted.entities[place].signatures, entity.signatures).map { new, old in
                new.map { signature in old.firstIndex(of: signature) }
            }
            return (place, slots)
        }
    }

    /// The features that read a statistic which was not stored.
    func emptyFeatures() -> [String] {
        let wanted = StateLayout(plan)
        return plan.columns.filter { column in
            let entity = wanted.entities[column.entity]
            guard let old = stored.entities.first(where: { $0.name == entity.name }) else {
                return true
            }
            return column.reading.slots.contains { list, slot in
                !old.signatures[list].contains(entity.signatures[list][slot])
            }
        }.map(\.name)
    }

    /// Reads a stored key; nil where its entity is no more.
    func read(
        _ reader: inout ByteReader
    ) throws(StoredBytesError) -> (key: SubKey, state: KeyState)? {
        let index = Int(try reader.unsigned())
        guard stored.entities.indices.contains(index) else { throw .damaged }
        let rest = try reader.text()
        let state = try KeyState(from: &reader, slots: slotCounts[index])
        guard let entity = entities[index] else { return nil }
        let key = SubKey(entity: entity.place, rest: rest)
        guard !isIdentity else { return (key, state) }
        return (key, state.picked(entity.slots, plan.entities[entity.place]))
    }
}

extension KeyState {
    /// A state of other slots: each from the old slot given, or empty.
    fileprivate func picked(_ slots: [[Int?]], _ plan: EntityPlan) -> KeyState {
        var state = KeyState(plan)
        for (new, old) in slots[0].enumerated() { if let old { state.counts[new] = counts[old] } }
        for (new, old) in slots[1].enumerated() { if let old { state.sums[new] = sums[old] } }
        for (new, old) in slots[2].enumerated() { if let old { state.times[new] = times[old] } }
        for (new, old) in slots[3].enumerated() { if let old { state.values[new] = values[old] } }
        for (new, old) in slots[4].enumerated() { if let old { state.texts[new] = texts[old] } }
        for (new, old) in slots[5].enumerated() {
            if let old { state.sessions[new] = sessions[old] }
        }
        return state
    }
}

extension FeatureReading {
    /// The lists and slots of its statistics.
    fileprivate var slots: [(list: Int, slot: Int)] {
        switch self {
        case .count(let slot): [(0, slot)]
        case .sum(let slot): [(1, slot)]
        case .rate(let numerator, let denominator, _, _): [(0, numerator), (0, denominator)]
        case .mean(let sum, let count, _, _): [(1, sum), (0, count)]
        case .recency(let slot, _): [(2, slot)]
        case .last(let slot, _): [(3, slot)]
        case .sequence(let slot), .distinct(let slot, _): [(4, slot)]
        case .session(let slot, _): [(5, slot)]
        }
    }
}
