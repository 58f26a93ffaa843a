/// All features of a shop, and what holds for all of them.
public struct FeatureDefinitions: Hashable, Sendable {
    /// The features, each name once.
    public let features: [FeatureDefinition]
    /// How far behind the newest event another may arrive, in milliseconds; also how long ids of events are
    /// remembered.
    public let lateness: Int64
    /// What profiles of users are made of; nil keeps nothing for them.
    public let profile: ProfileRules?

    /// A day in milliseconds.
    public static let standardLateness: Int64 = 86_400_000

    /// Creates definitions.
    public init(
        _ features: [FeatureDefinition],
        lateness: Int64 = standardLateness,
        profile: ProfileRules? = ProfileRules()
    ) {
        precondition(
            Set(features.map(\.name)).count == features.count,
            "FeatureDefinitions: a name is given twice."
        )
        precondition(lateness > 0, "FeatureDefinitions: the lateness is not positive.")
        self.features = features
        self.lateness = lateness
        self.profile = profile
    }
}
