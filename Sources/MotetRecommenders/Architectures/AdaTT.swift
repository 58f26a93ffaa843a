import MotetCore
public import MotetGraph
public import MotetNN

/// Adaptive Task-to-Task Fusion: at each level a task takes from all experts, and keeps its own beside.
///
/// Units are the tasks and, where there are shared experts, a shared one. With `x_k` the input of unit k,
/// at first the features, and `E` all experts of a level, each of which reads its unit's input,
/// `x'_k = sum_e softmax(x_k W_k)_e E_e + sum_j v_kj E_kj` over the unit's own experts `E_kj`: what is taken
/// from everybody, and a linear residual of the own, with learnt numbers `v_k`. A unit of one expert keeps it
/// as it is. Towers read the last level.
///
/// - Shapes: input `[B, I]`; output for each task `[B, C_k]`
/// - Learned: at each level the experts, gates `[K, I, E]`, and `own` `[K, M]`, uniform in +-1 / sqrt(M)
/// - Cost: a level runs `K * taskExperts + sharedExperts` experts on each row.
/// - Source: Li, Chen, Wang, Zhang and Hsiao, "AdaTT: Adaptive Task-to-Task Fusion Network for Multitask
///   Learning in Recommendations", KDD 2023.
///   <https://doi.org/10.1145/3580305.3599769>
/// - Departures: gates have no bias. The shared unit of the last level has no fusion: nothing reads it.
public final class AdaTT: MultiTaskLayer {
    /// `adatt`.
    public static let kind = "adatt"
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
    ///   - settings: levels, numbers and widths of experts.
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

    /// Runs the levels and the towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkExperts(settings.taskExperts, settings.expertUnits)
        guard settings.levels >= 1, settings.sharedExperts >= 0 else {
            throw GraphError(
                .outOfRange,
                "a number is out of range; expected at least 1 level and at least 0 shared experts; received \(settings.levels) and \(settings.sharedExperts)."
            )
        }
        var value = inputs[0]
        for level in 1...settings.levels {
            let fusion = FusionLevel(
                tasks: tasks.count,
                settings: settings,
                towers: towers,
                isLast: level == settings.levels,
                name: "level_\(level)"
            )
            value = try context.call(fusion, [value])[0]
        }
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [value] + inputs.dropFirst()
        )
    }
}

/// One level of AdaTT.
///
/// - Shapes: input `[B, I]` or `[N, B, I]` for N units; output `[N, B, H]`, at the last level `[K, B, H]`
private final class FusionLevel: Layer {
    static let kind = "level"
    let name: String?
    private let tasks: Int
    private let settings: AdaTT.Settings
    private let towers: TowerSettings
    private let isLast: Bool

    init(
        tasks: Int,
        settings: AdaTT.Settings,
        towers: TowerSettings,
        isLast: Bool,
        name: String
    ) {
        self.tasks = tasks
        self.settings = settings
        self.towers = towers
        self.isLast = isLast
        self.name = name
    }

    /// For each unit the number of its experts.
    private var sizes: [Int] {
        [Int](repeating: settings.taskExperts, count: tasks)
            + (settings.sharedExperts > 0 ? [settings.sharedExperts] : [])
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let hasOwnInputs = context.graph.shape(of: inputs[0]).rank == 3
        let units = sizes.enumerated().flatMap { [Int](repeating: $0, count: $1) }
        let experts = StackedPerceptron(
            settings.expertUnits,
            sources: units.map { hasOwnInputs ? $0 : 0 },
            activation: towers.activation,
            dropout: towers.dropout,
            name: "experts"
        )
        let hidden = try context.call(experts, inputs)[0]
        let fused = isLast ? Array(0..<tasks) : Array(sizes.indices)
        let dense = StackedDense(
            units.count,
            sources: fused.map { hasOwnInputs ? $0 : 0 },
            useBias: false,
            name: "gates"
        )
        let logits = try context.call(dense, [inputs[0]])[0]
        let gates = try context.graph.apply(MotetGraph.Softmax(), logits)
        let own = try ownWeights(fused, units.count, in: &context)  // [N, 1, E]
        let weights = try context.graph.apply(Arithmetic(.add), gates, own)
        let mixture = Mixture(selections: fused.map { _ in Array(units.indices) })
        return [try context.graph.apply(mixture, weights, hidden)]
    }

    /// What each unit adds to the weights of its own experts.
    private func ownWeights(
        _ fused: [Int],
        _ count: Int,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        var learned: [Value] = []
        if settings.taskExperts > 1 {
            learned = try context.graph.add(
                MotetGraph.Split(axis: 0, sizes: [Int](repeating: 1, count: tasks)),
                [try own("own", tasks, settings.taskExperts, in: &context)]
            )
        }
        if !isLast, settings.sharedExperts > 1 {
            learned.append(try own("shared_own", 1, settings.sharedExperts, in: &context))
        }
        var rows: [Value] = []
        var (start, next) = (0, 0)
        for unit in fused {
            let size = sizes[unit]
            var parts = [zeros(start, in: &context)]
            if size > 1 {
                parts.append(learned[next])
                next += 1
            } else {
                parts.append(context.graph.constant(Tensor([Float(1)], shape: [1, 1])))
            }
            parts.append(zeros(count - start - size, in: &context))
            rows.append(
                try context.graph.add(MotetGraph.Concatenate(axis: 1), parts.compactMap { $0 })[0]
            )
            start += size
        }
        let joined = try context.graph.add(MotetGraph.Concatenate(axis: 0), rows)[0]
        return try context.graph.apply(
            MotetGraph.Reshape([.fixed(fused.count), 1, .fixed(count)]),
            joined
        )
    }

    private func own(
        _ name: String,
        _ units: Int,
        _ experts: Int,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        try context.parameter(
            name,
            shape: [units, experts],
            initializer: .uniform(limit: 1 / Float(experts).squareRoot())
        )
    }

    private func zeros(_ count: Int, in context: inout ForwardContext) -> Value? {
        count == 0 ? nil : context.graph.constant(Tensor(zeros: [1, count]))
    }
}

extension AdaTT {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `adatt`.
        public static let name = "adatt"
        /// The number of levels.
        public var levels = 2
        /// Experts all tasks use, at each level; 0 for none.
        public var sharedExperts = 0
        /// Experts of each task, at each level.
        public var taskExperts = 2
        /// Widths of each expert's layers.
        public var expertUnits = [128]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .count("levels", \.levels),
                .count("shared_experts", \.sharedExperts, atLeast: 0),
                .count("task_experts", \.taskExperts), .widths("expert_units", \.expertUnits),
            ]
        }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> AdaTT {
            AdaTT(tasks: tasks, settings: self, towers: towers, name: "adatt")
        }
    }
}

extension Architecture {
    /// Experts of tasks that all tasks take from, each keeping its own beside.
    public static func adatt(
        levels: Int,
        sharedExperts: Int = 0,
        taskExperts: Int,
        expertUnits: [Int]
    ) -> Architecture {
        var settings = AdaTT.Settings()
        settings.levels = levels
        settings.sharedExperts = sharedExperts
        settings.taskExperts = taskExperts
        settings.expertUnits = expertUnits
        return Architecture(settings)
    }
}
