import MotetCore
public import MotetGraph
public import MotetNN

/// The settings of an architecture with weights of its own for each scenario.
public protocol ScenarioSettings: ArchitectureSettings {
    /// The layer.
    associatedtype Network: ScenarioNetwork where Network.Settings == Self

    /// Where the features that the settings name stand in the vector of all.
    ///
    /// - Parameter features: the inputs.
    /// - Returns: a range of columns for each; empty where none is named.
    func columns(_ features: DeclaredFeatures) -> [Range<Int>]
}

extension ScenarioSettings {
    /// It does.
    public static var needsScenarios: Bool { true }

    /// None.
    public func columns(_ features: DeclaredFeatures) -> [Range<Int>] { [] }

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
        let layer = Network(
            tasks: parts.tasks,
            scenarios: scenarios.scenarioCount,
            settings: self,
            columns: columns(parts.features),
            towers: parts.towers,
            name: Self.name
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

    /// The architecture of changed defaults.
    static func changed<Settings: ScenarioSettings>(
        _ change: (inout Settings) -> Void
    ) -> Architecture {
        var settings = Settings()
        change(&settings)
        return Architecture(settings)
    }
}
