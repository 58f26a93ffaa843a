import MotetCore
public import MotetGraph
public import MotetNN

/// Shared and Task-specific EMbeddings: tables of each task's own beside shared ones.
///
/// With `x_k` the features by the tables of task k and `x_s` by the shared ones, task k mixes its own experts
/// on `x_k`, the shared experts on `x_s`, and those of the other tasks, through which its gradient does not
/// go: `f_k = tower_k(sum_e softmax((x_k + x_s) W_k)_e E_e)`, where experts of tasks j != k are constants.
/// Everything is read forwards; a task's tables and experts learn from that task alone.
///
/// - Shapes: inputs for each task, then shared, `[B, I]`; output for each task `[B, C_k]`
/// - Cost: K + 1 look-ups of each feature and `K * taskExperts + sharedExperts` experts on each row.
/// - Source: Su, Pan, Wang, Xiao, Quan, Chen and Jiang, "STEM: Unleashing the Power of Embeddings for
///   Multi-task Recommendation", AAAI 2024. <https://doi.org/10.1609/aaai.v38i8.28749>
/// - Departures: one level; gates are one linear map without bias and read the sum of the two vectors, as in
///   the authors' program; numeric features are part of every vector.
public final class STEMNet: MultiTaskLayer {
    /// `stem_net`.
    public static let kind = "stem_net"
    /// The user's name.
    public let name: String?
    /// The tasks in the order of the outputs.
    public let tasks: [TaskHead]
    /// The number of scenarios with towers of their own, or nil.
    public var scenarioCount: Int? { towers.scenarios }
    private let settings: Settings
    private let towers: TowerSettings

    /// Creates the architecture.
    ///
    /// - Parameters:
    ///   - tasks: the outputs.
    ///   - settings: numbers and widths of experts.
    ///   - towers: the towers.
    ///   - name: a name for parameters and messages.
    public init(
        tasks: [TaskHead],
        settings: Settings,
        towers: TowerSettings = TowerSettings(),
        name: String? = nil
    ) {
        self.tasks = tasks
        self.settings = settings
        self.towers = towers
        self.name = name
    }

    /// Runs experts, gates and towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkExperts(settings.taskExperts, settings.expertUnits)
        try checkExperts(settings.sharedExperts, settings.expertUnits)
        let (count, own, shared) = (tasks.count, settings.taskExperts, settings.sharedExperts)
        guard inputs.count > count else {
            throw GraphError(
                .shapeMismatch,
                "inputs are missing; expected one for each of \(count) tasks and a shared one; received \(inputs.count)."
            )
        }
        let vectors = Array(inputs[...count])
        let groups =
            (0..<count).flatMap { [Int](repeating: $0, count: own) }
            + [Int](repeating: count, count: shared)
        let experts = StackedPerceptron(
            settings.expertUnits,
            sources: groups,
            activation: towers.activation,
            dropout: towers.dropout,
            name: "experts"
        )
        let hidden = try context.call(experts, [try stack(vectors, in: &context)])[0]
        // The experts, then the same as constants: what a task sees of those of the others.
        let constant = try context.graph.apply(StopGradient(), hidden)
        let both = try context.graph.add(MotetGraph.Concatenate(axis: 0), [hidden, constant])[0]
        let selections = (0..<count).map { task in
            groups.indices.map {
                groups[$0] == task || groups[$0] == count ? $0 : groups.count + $0
            }
        }
        var read: [Value] = []
        for task in 0..<count {
            read.append(
                try context.graph.apply(Arithmetic(.add), vectors[task], vectors[count])
            )
        }
        let gates = Gates(sources: Array(0..<count), selections: selections, name: "gates")
        let mixed = try context.call(gates, [try stack(read, in: &context), both])[0]
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [mixed] + inputs.dropFirst(count + 1)
        )
    }
}

extension STEMNet {
    /// The settings in configurations.
    public struct Settings: ArchitectureSettings {
        /// `stem_net`.
        public static let name = "stem_net"
        /// Experts on the shared tables.
        public var sharedExperts = 1
        /// Experts of each task on its tables.
        public var taskExperts = 1
        /// Widths of each expert's layers.
        public var expertUnits = [128]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .count("shared_experts", \.sharedExperts), .count("task_experts", \.taskExperts),
                .widths("expert_units", \.expertUnits),
            ]
        }

        /// Embeds the features once for each task and once for all, and calls the layer.
        public func outputs(
            _ parts: ArchitectureParts
        ) throws(GraphError) -> [(name: String, tensor: SymbolicTensor)] {
            var vectors: [SymbolicTensor] = []
            for task in parts.tasks {
                vectors.append(try parts.features.concatenated(prefix: "embeddings/\(task.name)"))
            }
            vectors.append(try parts.features.concatenated(prefix: "embeddings/shared"))
            if let scenarios = parts.scenarios { vectors.append(scenarios.tensor) }
            let layer = STEMNet(
                tasks: parts.tasks,
                settings: self,
                towers: parts.towers,
                name: "stem_net"
            )
            return zip(parts.tasks, try layer.call(vectors, at: nil)).map { ($0.name, $1) }
        }

        /// Says where a task's tables would be called like the shared ones.
        public func problems(_ experiment: ArchitectureExperiment) -> [String] {
            guard experiment.tasks.contains(where: { $0.name == "shared" }) else { return [] }
            return [
                "`stem_net` calls the tables of all tasks `shared`; expected tasks of other names; "
                    + "received a task \"shared\"."
            ]
        }
    }
}

extension Architecture {
    /// Tables of each task's own beside shared ones.
    public static func stemNet(
        sharedExperts: Int,
        taskExperts: Int,
        expertUnits: [Int]
    ) -> Architecture {
        var settings = STEMNet.Settings()
        settings.sharedExperts = sharedExperts
        settings.taskExperts = taskExperts
        settings.expertUnits = expertUnits
        return Architecture(settings)
    }
}
