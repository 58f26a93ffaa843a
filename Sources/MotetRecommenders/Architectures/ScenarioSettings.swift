import MotetCore
public import MotetGraph
public import MotetNN

/// The settings of an architecture with weights of its own for each scenario.
public protocol ScenarioSettings: ArchitectureSettings {
    /// The layer.
    ///
    /// - Parameters:
    ///   - tasks: the outputs.
    ///   - scenarios: the number of scenarios.
    ///   - features: the inputs, which say where in the vector each feature stands.
    ///   - towers: the towers.
    /// - Returns: the layer that is called on the features `[B, I]` and the offsets of the scenarios.
    func layer(
        tasks: [TaskHead],
        scenarios: Int,
        features: DeclaredFeatures,
        towers: TowerSettings
    ) -> any MultiTaskLayer
}

extension ScenarioSettings {
    /// It does.
    public static var needsScenarios: Bool { true }

    /// Calls the layer on all features.
    public func outputs(
        _ parts: ArchitectureParts
    ) throws(GraphError) -> [(name: String, tensor: SymbolicTensor)] {
        guard let scenarios = parts.scenarios else {
            throw GraphError(
                .outOfRange,
                "\(Self.name): the scenarios are missing; expected their number; received none."
            )
        }
        let layer = layer(
            tasks: parts.tasks,
            scenarios: scenarios.scenarioCount,
            features: parts.features,
            towers: parts.towers
        )
        return try layer(try parts.features.concatenated(), scenarios: scenarios)
    }
}

extension Architecture {
    /// The settings of those with weights of their own for each scenario.
    static let ofScenarios: [any ArchitectureSettings.Type] = [
        PerScenario.Settings.self,
        STAR.Settings.self,
        PEPNet.Settings.self,
        HMoE.Settings.self,
        M2M.Settings.self,
        HAMUR.Settings.self,
        M3oE.Settings.self,
        AdaSparse.Settings.self,
        SARNet.Settings.self,
    ]
}
