/// What a user's profile is made of.
public struct ProfileRules: Hashable, Sendable {
    /// What an event of a kind adds to the interest in its category.
    public var weights: EventWeights
    /// After how many milliseconds an interest is half as strong.
    public var halfLife: Int64
    /// How long without an action ends a visit, in milliseconds.
    public var gap: Int64
    /// How many of the last actions are remembered.
    public var actions: Int

    /// Creates rules; standard where nothing is said.
    public init(
        weights: EventWeights = EventWeights([
            .view: 1, .click: 1, .cart: 3, .purchase: 5, .returned: -3,
        ]),
        halfLife: Int64 = 14 * 86_400_000,
        gap: Int64 = 1_800_000,
        actions: Int = 50
    ) {
        precondition(
            halfLife > 0 && gap > 0 && actions > 0,
            "ProfileRules: a rule is not positive."
        )
        self.weights = weights
        self.halfLife = halfLife
        self.gap = gap
        self.actions = actions
    }
}

/// Where a plan keeps what profiles are read from.
struct ProfilePlan: Hashable, Sendable {
    let rules: ProfileRules
    /// The entity of users, and its slots.
    let user: Int
    let session: Int
    let actions: Int
    /// The entity of users with categories, and its slot.
    let category: Int
    let affinity: Int

    /// Finds the slots, and makes those that are not there.
    init(_ rules: ProfileRules, _ entities: inout [EntityPlan]) {
        self.rules = rules
        user = Self.place(FeatureEntity([.user]), &entities)
        category = Self.place(FeatureEntity([.user, .category]), &entities)
        let kinds = EventKindSet(FeatureDefinition.actions)
        session = entities[user].slot(SessionStatistic(kinds: kinds, gap: rules.gap))
        actions = entities[user].slot(
            TextStatistic(kinds: kinds, text: .action, length: rules.actions, isDistinct: false)
        )
        affinity = entities[category].slot(
            SumStatistic(rules.weights, .one, halfLife: rules.halfLife)
        )
    }

    private static func place(_ entity: FeatureEntity, _ entities: inout [EntityPlan]) -> Int {
        if let known = entities.firstIndex(where: { $0.entity == entity }) { return known }
        entities.append(EntityPlan(entity))
        return entities.count - 1
    }
}
