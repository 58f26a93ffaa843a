import MotetCore
public import MotetGraph
public import MotetNN

/// Multi-domain multi-task mixture of experts: experts that all share, experts of scenarios and experts of tasks,
/// with learnt balances between them.
///
/// For a row of scenario *s* and task *k*, with `z = f(star_s(x)) + f(x W + b)`:
///
/// `f_k(x) = tower_{s,k}(sum_e softmax(z G_{s,k})_e shared_e(z) + a u_s + a' v_k)`, where
/// `u_s = c e_s(z) + (1 - c) mean of e_j(z), j != s` mixes the experts of scenarios and `v_k`, likewise with `c'`, those of
/// tasks; `a`, `a'`, `c` and `c'` are learnt, between 0 and 1.
///
/// - Shapes: inputs `[B, I]`, rows sorted by scenario, and the offsets of the scenarios `[S + 1]`; output for each
///   task `[B, C_k]`
/// - Learned: `star` as in `StarDense`, `skip`; `shared_experts/dense_i/weight` `[E, I, U]`,
///   `scenario_experts/...` `[S, I, U]`, `task_experts/...` `[K, I, U]`; `gates/weight` `[S, I, K E]`; `scenario_share`,
///   `task_share`, `scenario_balance`, `task_balance` `[1]`, of which the sigmoid is taken
/// - Cost: the experts of all scenarios answer for every row: that is the method.
/// - Source: Zhang et al., "M3oE: Multi-Domain Multi-Task Mixture-of-Experts Recommendation Framework", SIGIR 2024.
///   <https://doi.org/10.1145/3626772.3657686>
/// - Departures: balances are learnt with everything else, not on validation batches in turn with it. Layers are not
///   normalised.
public final class M3oE: ScenarioNetwork {
    /// `m3oe`.
    public static let kind = "m3oe"
    /// What it is made of.
    public let parts: ScenarioParts<Settings>

    /// Creates the architecture from its parts.
    public init(_ parts: ScenarioParts<Settings>) { self.parts = parts }

    /// Runs the three groups of experts and the towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkExperts(settings.experts, settings.expertUnits)
        try checkWidths("starUnits", settings.starUnits, atLeast: 1)
        let offsets = inputs[1]
        let z = try fused(inputs, in: &context)
        let shared = try experts(settings.experts, "shared_experts", z, in: &context)
        let ofScenarios = try experts(scenarios, "scenario_experts", z, in: &context)
        let ofTasks = try experts(tasks.count, "task_experts", z, in: &context)

        let gates = try sharedGates(z, offsets, in: &context)
        let everyone = tasks.map { _ in Array(0..<settings.experts) }
        let common = try context.graph.apply(Mixture(selections: everyone), gates, shared)

        // One mixture for each row, which all tasks add.
        let scenarioWeights = try context.scenarioRows(
            try balance(scenarios, "scenario_balance", in: &context),
            offsets,
            like: z
        )
        let ofRows = try context.graph.apply(
            Mixture(selections: [Array(0..<scenarios)]),
            try context.stacked([scenarioWeights]),
            ofScenarios
        )
        let byScenario = try scaled(ofRows, "scenario_share", in: &context)  // [1, B, H]

        let taskWeights = try rows(
            try balance(tasks.count, "task_balance", in: &context),
            like: z,
            in: &context
        )
        let ofEach = try context.graph.apply(
            Mixture(selections: tasks.map { _ in Array(tasks.indices) }),
            taskWeights,
            ofTasks
        )
        let byTask = try scaled(ofEach, "task_share", in: &context)  // [K, B, H]

        var value = try context.graph.apply(Arithmetic(.add), common, byTask)
        value = try context.graph.apply(Arithmetic(.add), value, byScenario)
        var own = towers
        own.scenarios = scenarios
        return try context.call(own.towers(tasks, sharesInput: false), [value, offsets])
    }

    /// What all experts read: a star layer and a dense one, and a way around both.
    private func fused(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let star = settings.starUnits.enumerated().map {
            StarDense(
                $1,
                scenarios: scenarios,
                activation: towers.activation,
                name: "star_\($0 + 1)"
            )
        }
        let width = settings.starUnits.last ?? 1
        let starred = try context.perceptron(star, inputs[0], inputs[1], dropout: towers.dropout)
        let skip = Dense(width, activation: towers.activation, name: "skip")
        let around = try context.call(skip, [inputs[0]])[0]
        return try context.graph.apply(Arithmetic(.add), starred, around)
    }

    private func experts(
        _ count: Int,
        _ name: String,
        _ z: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let stack = StackedPerceptron(
            settings.expertUnits,
            sources: [Int](repeating: 0, count: count),
            activation: towers.activation,
            dropout: towers.dropout,
            name: name
        )
        return try context.call(stack, [z])[0]
    }

    /// For each task, how much of each shared expert a row takes: `[K, B, E]`.
    private func sharedGates(
        _ z: Value,
        _ offsets: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let dense = ScenarioDense(
            tasks.count * settings.experts,
            scenarios: scenarios,
            useBias: false,
            name: "gates"
        )
        let logits = try context.call(dense, [z, offsets])[0]
        let batch = context.graph.shape(of: z)[0]
        let shaped = try context.graph.apply(
            MotetGraph.Reshape([batch, .fixed(tasks.count), .fixed(settings.experts)]),
            logits
        )
        let turned = try context.graph.apply(MotetGraph.Transpose([1, 0, 2]), shaped)
        return try context.graph.apply(MotetGraph.Softmax(), turned)
    }

    /// How much each of some things takes of its own expert, and in equal parts of the others': `[N, N]`.
    private func balance(
        _ count: Int,
        _ name: String,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        // Its own expert alone: there is nothing to balance.
        if count == 1 { return context.graph.constant(Tensor([Float(1)], shape: [1, 1])) }
        let share = try context.parameter(name, shape: [1], initializer: .zeros, role: .bias)
        let isOwn = (0..<(count * count)).map { $0 / count == $0 % count }
        let others: [Float] = isOwn.map { $0 ? 0 : 1 / Float(count - 1) }
        let gains = zip(isOwn, others).map { ($0 ? 1 : 0) - $1 }
        let own = try context.graph.apply(MotetGraph.Activation(.sigmoid), share)
        let base = context.graph.constant(Tensor(others, shape: [count, count]))
        let slope = context.graph.constant(Tensor(gains, shape: [count, count]))
        let change = try context.graph.apply(Arithmetic(.multiply), slope, own)
        return try context.graph.apply(Arithmetic(.add), base, change)
    }

    /// A table `[K, N]` for every row: `[K, B, N]`.
    private func rows(
        _ table: Value,
        like value: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let shape = context.graph.shape(of: table)
        let batch = context.graph.shape(of: value)[0]
        let flat = try context.graph.apply(
            MotetGraph.Reshape([shape[0], 1, shape[1]]),
            table
        )
        return try context.graph.apply(BroadcastLike([shape[0], batch, shape[1]]), flat, value)
    }

    private func scaled(
        _ value: Value,
        _ name: String,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let share = try context.parameter(name, shape: [1], initializer: .zeros, role: .bias)
        let factor = try context.graph.apply(MotetGraph.Activation(.sigmoid), share)
        return try context.graph.apply(Arithmetic(.multiply), value, factor)
    }
}

extension M3oE {
    /// The settings in configurations.
    public struct Settings: ScenarioSettings {
        /// The layer.
        public typealias Network = M3oE
        /// `m3oe`.
        public static let name = "m3oe"
        /// Widths of the star layers that all experts read.
        public var starUnits = [128]
        /// The number of shared experts.
        public var experts = 4
        /// Widths of each expert's layers.
        public var expertUnits = [64]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .widths("star_units", \.starUnits), .count("experts", \.experts),
                .widths("expert_units", \.expertUnits),
            ]
        }
    }
}

extension Architecture {
    /// Experts of all, of scenarios and of tasks, with learnt balances.
    public static func m3oe(_ change: (inout M3oE.Settings) -> Void = { _ in }) -> Architecture {
        changed(change)
    }
}
