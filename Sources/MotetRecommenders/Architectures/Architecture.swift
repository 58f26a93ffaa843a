public import MotetGraph
public import MotetNN

/// What tasks share, as a value that a configuration can name: the settings of one architecture.
///
/// Each architecture has a static factory beside its layer: `.mmoe(experts: 4, expertUnits: [64])`.
public struct Architecture: Sendable, Hashable {
    /// The settings of every architecture a configuration can name.
    public static let all: [any ArchitectureSettings.Type] = ofTasks + ofScenarios

    /// The settings of those whose rows may belong to any scenario.
    private static let ofTasks: [any ArchitectureSettings.Type] = [
        SingleTask.Settings.self,
        SharedBottom.Settings.self,
        OMoE.Settings.self,
        MMoE.Settings.self,
        CGC.Settings.self,
        PLE.Settings.self,
        AdaTT.Settings.self,
        HoME.Settings.self,
        STEMNet.Settings.self,
        CrossStitch.Settings.self,
        DSelectK.Settings.self,
        SNR.Settings.self,
        AITM.Settings.self,
        ESMM.Settings.self,
        ESCM2.Settings.self,
        DBMTL.Settings.self,
        TwoTower.Settings.self,
    ]

    /// The names in configurations.
    public static var names: [String] { all.map { $0.name } }

    /// The settings.
    public let settings: any ArchitectureSettings

    /// Wraps settings.
    public init(_ settings: any ArchitectureSettings) { self.settings = settings }

    /// The name in configurations.
    public var name: String { type(of: settings).name }

    /// Builds a model.
    ///
    /// - Parameters:
    ///   - features: the inputs.
    ///   - tasks: the outputs.
    ///   - towers: the towers; with `scenarios` each scenario has its own.
    ///   - scenarios: the number of scenarios, where the architecture or `scenarioFeature` needs it.
    ///   - scenarioFeature: the width of a vector for each scenario that is one more feature; 0 for none.
    /// - Returns: the model, with one output for each task.
    /// - Throws: `GraphError` when a setting is out of range.
    public func model(
        features: FeatureInputs,
        tasks: [TaskHead],
        towers: TowerSettings,
        scenarios: Int? = nil,
        scenarioFeature: Int = 0
    ) throws(GraphError) -> Model {
        let parts = try parts(features, tasks, towers, scenarios, scenarioFeature)
        let outputs = try parts.features.withMachine(try settings.outputs(parts), tasks)
        return try Model(
            inputs: parts.inputs,
            outputs: try parts.features.withPrices(outputs, tasks)
        )
    }

    /// Builds a model of the curves of demand: of tasks with a price, level and elasticity, `[B, 2]`.
    ///
    /// It has the layers of the whole model by the same names, and so reads its parameters, but no price.
    ///
    /// - Parameters:
    ///   - features: the inputs, as of the whole model.
    ///   - tasks: the outputs of the whole model.
    ///   - towers: the towers, as of the whole model.
    ///   - scenarios: the number of scenarios, as of the whole model.
    ///   - scenarioFeature: the width of a vector for each scenario, as of the whole model.
    /// - Returns: the model, with one output for each task that has a price.
    /// - Throws: `GraphError` when a setting is out of range, or no task has a price.
    public func curves(
        features: FeatureInputs,
        tasks: [TaskHead],
        towers: TowerSettings,
        scenarios: Int? = nil,
        scenarioFeature: Int = 0
    ) throws(GraphError) -> Model {
        let parts = try parts(features, tasks, towers, scenarios, scenarioFeature)
        let outputs = try parts.features.withMachine(try settings.outputs(parts), tasks)
        return try Model(inputs: parts.inputsWithoutPrices, outputs: try curves(outputs, tasks))
    }

    private func parts(
        _ features: FeatureInputs,
        _ tasks: [TaskHead],
        _ towers: TowerSettings,
        _ scenarios: Int?,
        _ scenarioFeature: Int
    ) throws(GraphError) -> ArchitectureParts {
        let isGrouped =
            towers.scenarios != nil || scenarioFeature > 0 || type(of: settings).needsScenarios
        let count = towers.scenarios ?? scenarios
        let offsets = isGrouped ? count.map { ScenarioOffsets(scenarioCount: $0) } : nil
        return ArchitectureParts(
            features: try features.declare(
                scenarios: offsets,
                dimension: scenarioFeature,
                prices: Set(tasks.compactMap(\.price))
            ),
            tasks: tasks,
            towers: towers,
            scenarios: offsets
        )
    }

    /// Whether two architectures have the same settings.
    public static func == (left: Architecture, right: Architecture) -> Bool {
        AnyHashable(left.settings) == AnyHashable(right.settings)
    }

    /// Hashes the settings.
    public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(settings)) }
}
