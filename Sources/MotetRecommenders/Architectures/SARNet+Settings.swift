import MotetCore

extension SARNet {
    /// The settings in configurations.
    public struct Settings: ScenarioSettings {
        /// The layer.
        public typealias Network = SARNet
        /// `sar_net`.
        public static let name = "sar_net"
        /// The number of experts all scenarios share.
        public var sharedExperts = 4
        /// The number of experts of each scenario's own.
        public var scenarioExperts = 2
        /// Widths of each expert's layers.
        public var expertUnits = [128]
        /// The features that tell how a row came about, such as its place on the page: used in training only.
        public var biasFeatures: [String] = []

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .count("shared_experts", \.sharedExperts, atLeast: 0),
                .count("scenario_experts", \.scenarioExperts, atLeast: 0),
                .widths("expert_units", \.expertUnits), .names("bias_features", \.biasFeatures),
            ]
        }

        /// The columns of the bias features.
        public func columns(_ features: DeclaredFeatures) -> [Range<Int>] {
            Set(biasFeatures).sorted().compactMap { features.columns(of: $0) }
        }

        /// Bias features that are none, and no experts.
        public func problems(_ experiment: ArchitectureExperiment) -> [String] {
            let names = experiment.features
            var problems = biasFeatures.filter { !names.contains($0) }.map {
                "`bias_features` names a feature there is not; expected some of \(names); received `\($0)`."
                    + Suggestion.sentence(for: $0, in: names)
            }
            if sharedExperts + scenarioExperts == 0 {
                problems.append(
                    "`sar_net` has no experts; expected `shared_experts` or `scenario_experts` of at least 1; received 0 of both."
                )
            }
            return problems
        }
    }
}

extension Architecture {
    /// Features moved to each scenario, then experts of all and of the scenario.
    public static func sarNet(_ change: (inout SARNet.Settings) -> Void = { _ in }) -> Architecture
    {
        changed(change)
    }
}
