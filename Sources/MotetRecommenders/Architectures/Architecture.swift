public import MotetGraph
public import MotetNN

/// What tasks share, as a value that a configuration can name.
public enum Architecture: Sendable, Hashable {
    /// A network of its own for each task, tables included: the baseline every table carries.
    case singleTask(units: [Int])
    /// One network for all tasks, then towers.
    case sharedBottom(units: [Int])
    /// Shared experts with a gate for each task.
    case mmoe(experts: Int, expertUnits: [Int])
    /// Own and shared experts, one level.
    case cgc(sharedExperts: Int, taskExperts: Int, expertUnits: [Int])
    /// Own and shared experts over several levels.
    case ple(levels: Int, sharedExperts: Int, taskExperts: Int, expertUnits: [Int])

    /// The names in configurations.
    public static let names = ["single_task", "shared_bottom", "mmoe", "cgc", "ple"]

    /// Builds a model.
    ///
    /// - Parameters:
    ///   - features: the inputs.
    ///   - tasks: the outputs.
    ///   - towers: the towers; with `scenarios` each scenario has its own.
    /// - Returns: the model, with one output for each task.
    /// - Throws: `GraphError` when a setting is out of range.
    public func model(
        features: FeatureInputs,
        tasks: [TaskHead],
        towers: TowerSettings
    ) throws(GraphError) -> Model {
        let declared = try features.declare()
        var inputs = declared.inputs
        let scenarios = towers.scenarios.map { ScenarioOffsets(scenarioCount: $0) }
        if let scenarios { inputs.append(scenarios) }
        if case .singleTask(let units) = self {
            var outputs: [(name: String, tensor: SymbolicTensor)] = []
            for task in tasks {
                let network = SharedBottom(
                    tasks: [task],
                    bottomUnits: units,
                    towers: towers,
                    name: task.name
                )
                let vector = try declared.concatenated(prefix: "embeddings/\(task.name)")
                outputs += try network(vector, scenarios: scenarios)
            }
            return try Model(inputs: inputs, outputs: outputs)
        }
        let vector = try declared.concatenated()
        return try Model(
            inputs: inputs,
            outputs: try outputs(vector, tasks, towers, scenarios)
        )
    }

    private func outputs(
        _ vector: SymbolicTensor,
        _ tasks: [TaskHead],
        _ towers: TowerSettings,
        _ scenarios: ScenarioOffsets?
    ) throws(GraphError) -> [(name: String, tensor: SymbolicTensor)] {
        switch self {
        case .singleTask(let units), .sharedBottom(let units):
            let layer = SharedBottom(tasks: tasks, bottomUnits: units, towers: towers)
            return try layer(vector, scenarios: scenarios)
        case .mmoe(let experts, let units):
            let layer = MMoE(tasks: tasks, experts: experts, expertUnits: units, towers: towers)
            return try layer(vector, scenarios: scenarios)
        case .cgc(let shared, let own, let units):
            let layer = PLE(
                tasks: tasks,
                levels: 1,
                sharedExperts: shared,
                taskExperts: own,
                expertUnits: units,
                towers: towers,
                name: "cgc"
            )
            return try layer(vector, scenarios: scenarios)
        case .ple(let levels, let shared, let own, let units):
            let layer = PLE(
                tasks: tasks,
                levels: levels,
                sharedExperts: shared,
                taskExperts: own,
                expertUnits: units,
                towers: towers,
                name: "ple"
            )
            return try layer(vector, scenarios: scenarios)
        }
    }
}
