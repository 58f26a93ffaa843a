/// The statistics that are kept for each key of an entity, each once however many features read it.
struct EntityPlan: Hashable, Sendable {
    /// What the keys are of.
    let entity: FeatureEntity
    private(set) var counts: [CountStatistic] = []
    private(set) var sums: [SumStatistic] = []
    private(set) var times: [TimeStatistic] = []
    private(set) var values: [ValueStatistic] = []
    private(set) var texts: [TextStatistic] = []
    private(set) var sessions: [SessionStatistic] = []

    init(_ entity: FeatureEntity) { self.entity = entity }

    /// The kinds of events that change anything.
    private(set) var kinds = EventKindSet([])

    mutating func slot(_ statistic: CountStatistic) -> Int {
        kinds.formUnion(statistic.kinds)
        return Self.slot(statistic, &counts)
    }

    mutating func slot(_ statistic: SumStatistic) -> Int {
        kinds.formUnion(statistic.weights.kinds)
        return Self.slot(statistic, &sums)
    }

    mutating func slot(_ statistic: TimeStatistic) -> Int {
        kinds.formUnion(statistic.kinds)
        return Self.slot(statistic, &times)
    }

    mutating func slot(_ statistic: ValueStatistic) -> Int {
        kinds.formUnion(statistic.kinds)
        return Self.slot(statistic, &values)
    }

    mutating func slot(_ statistic: TextStatistic) -> Int {
        kinds.formUnion(statistic.kinds)
        return Self.slot(statistic, &texts)
    }

    mutating func slot(_ statistic: SessionStatistic) -> Int {
        kinds.formUnion(statistic.kinds)
        return Self.slot(statistic, &sessions)
    }

    private static func slot<Statistic: Hashable>(
        _ statistic: Statistic,
        _ list: inout [Statistic]
    ) -> Int {
        if let known = list.firstIndex(of: statistic) { return known }
        list.append(statistic)
        return list.count - 1
    }
}

/// Where a feature's value is read from: slots of its entity's statistics.
enum FeatureReading: Hashable, Sendable {
    case count(Int)
    case sum(Int)
    case rate(numerator: Int, denominator: Int, prior: Double, strength: Double)
    case mean(sum: Int, count: Int, prior: Double, strength: Double)
    case recency(Int, fallback: Double?)
    case last(Int, fallback: Double?)
    case sequence(Int)
    case distinct(Int, window: Int64?)
    case session(Int, SessionMeasure)

    /// Finds the slots of a feature, and makes those that are not there.
    init(_ form: FeatureDefinition.Form, _ plan: inout EntityPlan) {
        switch form {
        case .count(let kinds, let window):
            self = .count(plan.count(kinds, window))
        case .sum(let weights, let number, let window):
            self = .sum(plan.slot(SumStatistic(weights, number, window: window)))
        case .rate(let kinds, let per, let window, let prior, let strength):
            self = .rate(
                numerator: plan.count(kinds, window),
                denominator: plan.count(per, window),
                prior: prior,
                strength: strength
            )
        case .mean(let kinds, let number, let window, let prior, let strength):
            self = .mean(
                sum: plan.slot(SumStatistic(EventWeights(kinds), number, window: window)),
                count: plan.count(kinds, window, having: number),
                prior: prior,
                strength: strength
            )
        case .decayed(let weights, let number, let halfLife):
            self = .sum(plan.slot(SumStatistic(weights, number, halfLife: halfLife)))
        case .recency(let kinds, let fallback):
            self = .recency(
                plan.slot(TimeStatistic(kinds: EventKindSet(kinds))),
                fallback: fallback
            )
        case .last(let kinds, let number, let fallback):
            let statistic = ValueStatistic(kinds: EventKindSet(kinds), number: number)
            self = .last(plan.slot(statistic), fallback: fallback)
        case .sequence(let kinds, let text, let length, let isDistinct):
            self = .sequence(plan.text(kinds, text, length, isDistinct))
        case .distinct(let kinds, let text, let window, let limit):
            self = .distinct(plan.text(kinds, text, limit, true), window: window)
        case .session(let kinds, let gap, let measure):
            let statistic = SessionStatistic(kinds: EventKindSet(kinds), gap: gap)
            self = .session(plan.slot(statistic), measure)
        }
    }
}

extension EntityPlan {
    fileprivate mutating func count(
        _ kinds: Set<EventKind>,
        _ window: FeatureWindow?,
        having number: EventNumber = .one
    ) -> Int {
        slot(
            CountStatistic(kinds: EventKindSet(kinds), number: number, rule: TileRule(window))
        )
    }

    fileprivate mutating func text(
        _ kinds: Set<EventKind>,
        _ text: EventText,
        _ length: Int,
        _ isDistinct: Bool
    ) -> Int {
        slot(
            TextStatistic(
                kinds: EventKindSet(kinds),
                text: .text(text),
                length: length,
                isDistinct: isDistinct
            )
        )
    }
}
