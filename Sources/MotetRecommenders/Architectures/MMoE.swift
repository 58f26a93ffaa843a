import MotetCore
public import MotetGraph
public import MotetNN

/// Multi-gate Mixture-of-Experts: shared experts, one softmax gate for each task.
///
/// `f_k(x) = tower_k(sum_e softmax(W_k x)_e expert_e(x))`.
///
/// - Shapes: input `[B, I]`; output for each task `[B, C_k]`
/// - Cost: E expert forwards and K gates of I x E for each row.
/// - Source: Ma, Zhao, Yi, Chen, Hong and Chi, "Modeling Task Relationships in Multi-task Learning with
///   Multi-gate Mixture-of-Experts", KDD 2018.
///   <https://doi.org/10.1145/3219819.3220007>
public final class MMoE: MultiTaskLayer {
    /// `mmoe`.
    public static let kind = "mmoe"
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

    /// Runs experts, gates and towers.
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
        let gates = Gates(
            sources: tasks.map { _ in 0 },
            selections: tasks.map { _ in Array(0..<experts) },
            name: "gates"
        )
        let mixed = try context.call(gates, [inputs[0], hidden])[0]
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [mixed] + inputs.dropFirst()
        )
    }
}

extension MultiTaskLayer {
    func checkExperts(_ experts: Int, _ units: [Int]) throws(GraphError) {
        guard experts >= 1 else {
            throw GraphError(
                .outOfRange,
                "the number of experts is out of range; expected at least 1; received \(experts)."
            )
        }
        guard !units.isEmpty, units.allSatisfy({ $0 >= 1 }) else {
            throw GraphError(
                .outOfRange,
                "'expertUnits' is out of range; expected at least one width of at least 1; received \(units)."
            )
        }
    }
}

extension MMoE {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `mmoe`.
        public static let name = "mmoe"
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
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> MMoE {
            MMoE(tasks: tasks, experts: experts, expertUnits: expertUnits, towers: towers)
        }
    }
}

extension Architecture {
    /// Shared experts with a gate for each task.
    public static func mmoe(experts: Int, expertUnits: [Int]) -> Architecture {
        var settings = MMoE.Settings()
        settings.experts = experts
        settings.expertUnits = expertUnits
        return Architecture(settings)
    }
}
