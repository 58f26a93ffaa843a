import MotetCore
public import MotetGraph
public import MotetNN

/// One-gate Mixture-of-Experts: shared experts, and one gate whose mixture all towers read.
///
/// `f_k(x) = tower_k(sum_e softmax(W x)_e expert_e(x))`; `MMoE` has a gate for each task instead.
///
/// - Shapes: input `[B, I]`; output for each task `[B, C_k]`
/// - Cost: E expert forwards and a gate of I x E for each row.
/// - Source: Ma, Zhao, Yi, Chen, Hong and Chi, "Modeling Task Relationships in Multi-task Learning with
///   Multi-gate Mixture-of-Experts", KDD 2018.
///   <https://doi.org/10.1145/3219819.3220007>
public final class OMoE: MultiTaskLayer {
    /// `omoe`.
    public static let kind = "omoe"
    /// The user's name.
    public let name: String?
    /// The tasks in the order of the outputs.
    public let tasks: [TaskHead]
    /// The number of scenarios with towers of their own, or nil.
    public var scenarioCount: Int? { towers.scenarios }
    private let experts: Int
    private let expertUnits: [Int]
    private let towers: TowerSettings

    /// Creates the architecture.
    ///
    /// - Parameters:
    ///   - tasks: the outputs.
    ///   - experts: the number of experts, at least 1.
    ///   - expertUnits: widths of each expert's layers, at least one.
    ///   - towers: the towers.
    ///   - name: a name for parameters and messages.
    public init(
        tasks: [TaskHead],
        experts: Int,
        expertUnits: [Int],
        towers: TowerSettings = TowerSettings(),
        name: String? = nil
    ) {
        self.tasks = tasks
        self.experts = experts
        self.expertUnits = expertUnits
        self.towers = towers
        self.name = name
    }

    /// Runs experts, gate and towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkExperts(experts, expertUnits)
        let stack = StackedPerceptron(
            expertUnits,
            sources: [Int](repeating: 0, count: experts),
            activation: towers.activation,
            dropout: towers.dropout,
            name: "experts"
        )
        let hidden = try context.call(stack, [inputs[0]])[0]
        let gate = Gates(sources: [0], selections: [Array(0..<experts)], name: "gate")
        let mixed = try context.call(gate, [inputs[0], hidden])[0]  // [1, B, H]
        let shape = context.graph.shape(of: mixed)
        let shared = try context.graph.apply(MotetGraph.Reshape([shape[1], shape[2]]), mixed)
        return try context.call(
            towers.towers(tasks, sharesInput: true),
            [shared] + inputs.dropFirst()
        )
    }
}

extension OMoE {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `omoe`.
        public static let name = "omoe"
        /// The number of experts.
        public var experts = 4
        /// Widths of each expert's layers.
        public var expertUnits = [128]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [.count("experts", \.experts), .widths("expert_units", \.expertUnits)]
        }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> OMoE {
            OMoE(
                tasks: tasks,
                experts: experts,
                expertUnits: expertUnits,
                towers: towers,
                name: "omoe"
            )
        }
    }
}

extension Architecture {
    /// Shared experts and one gate for all tasks.
    public static func omoe(experts: Int, expertUnits: [Int]) -> Architecture {
        var settings = OMoE.Settings()
        settings.experts = experts
        settings.expertUnits = expertUnits
        return Architecture(settings)
    }
}
