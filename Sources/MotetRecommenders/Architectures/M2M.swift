import MotetCore
public import MotetGraph
public import MotetNN

/// Multi-scenario multi-task meta learning: what is known of a scenario makes the weights of attention and towers.
///
/// - `a_{k,e} = v_k . meta_k([expert_e(x); t_k])`, `r_k = sum_e softmax(a_k)_e expert_e(x)`
/// - `l_0 = r_k`, `l_j = f(meta_{k,j}(l_{j-1}) + l_{j-1})`, `f_k(x) = tower_k(l_L)`
///
/// with meta units, dense layers whose weights are made from the scenario's knowledge `relu(e_s W + b)`, and task
/// vectors `t_k = relu(e_k W + b)`.
///
/// - Shapes: inputs `[B, I]`, rows sorted by scenario, and the offsets of the scenarios `[S + 1]`; output for each
///   task `[B, C_k]`
/// - Learned: `scenarios/weight` `[S, D]`, `knowledge/weight` `[D, G]`; `tasks/weight` `[K, D]`, `task_views/weight`
///   `[D, H]`; `experts/dense_i/weight` `[E, I, U]`; meta units: see `MetaUnit`
/// - Cost: a meta unit is a dense layer for each row; weights are made once for each scenario.
/// - Source: Zhang et al., "Leaving No One Behind: A Multi-Scenario Multi-Task Meta Learning Approach for Advertiser
///   Modeling", WSDM 2022: meta attention and meta tower. <https://doi.org/10.1145/3488560.3498479>
/// - Departures: the knowledge of a scenario comes from its vector alone, not from the row's features, so that
///   weights are made for scenarios and not for rows. The experts read any features; the paper's read what a
///   Transformer makes of sequences. A meta unit is one layer, in the attention from 2 H to H. Behind the meta layers
///   there may be plain ones; `tower_units: []` leaves the output alone, as in the paper.
public final class M2M: ScenarioNetwork {
    /// `m2m`.
    public static let kind = "m2m"
    /// What it is made of.
    public let parts: ScenarioParts<Settings>

    /// Creates the architecture from its parts.
    public init(_ parts: ScenarioParts<Settings>) { self.parts = parts }

    /// Runs experts, attention and meta towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkExperts(settings.experts, settings.expertUnits)
        let (x, offsets) = (inputs[0], inputs[1])
        let width = settings.expertUnits.last ?? 1
        let knowledge = try view(
            of: scenarios,
            "scenarios",
            through: "knowledge",
            settings.knowledgeUnits,
            in: &context
        )
        let views = try view(of: tasks.count, "tasks", through: "task_views", width, in: &context)
        let stack = StackedPerceptron(
            settings.expertUnits,
            sources: [Int](repeating: 0, count: settings.experts),
            activation: towers.activation,
            dropout: towers.dropout,
            name: "experts"
        )
        let experts = try context.call(stack, [x])[0]
        var results: [Value] = []
        for (index, task) in tasks.enumerated() {
            let layer = MetaTask(
                task.name,
                index: index,
                layers: settings.metaLayers,
                towers: towers
            )
            results += try context.call(layer, [experts, views, offsets, knowledge])
        }
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [try context.stacked(results), offsets]
        )
    }

    /// A vector for each of some things, and a layer on them: `[N, U]`.
    private func view(
        of count: Int,
        _ things: String,
        through layer: String,
        _ units: Int,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let vectors = try context.parameter(
            "\(things)/weight",
            shape: [count, settings.scenarioDimension],
            initializer: .uniform(limit: 0.5),
            role: .bias
        )
        return try context.call(Dense(units, activation: .relu, name: layer), [vectors])[0]
    }
}

/// A task's attention over experts and its tower, both of meta units.
///
/// - Shapes: inputs experts `[E, B, H]`, task views `[K, H]`, offsets `[S + 1]`, knowledge `[S, G]`; output `[B, H]`
private final class MetaTask: Layer {
    static let kind = "meta_task"
    let name: String?
    private let index: Int
    private let layers: Int
    private let towers: TowerSettings

    init(_ name: String, index: Int, layers: Int, towers: TowerSettings) {
        self.name = name
        self.index = index
        self.layers = layers
        self.towers = towers
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        var value = try attended(inputs, in: &context)
        let width = context.graph.shape(of: value).last.fixedSize ?? 1
        for layer in 0..<layers {
            let unit = MetaUnit(width, activation: towers.activation, name: "meta_\(layer + 1)")
            let made = try context.call(unit, [value, inputs[2], inputs[3]])[0]
            let sum = try context.graph.apply(Arithmetic(.add), made, value)
            value = try towers.activation.apply(to: sum, in: &context)
            if towers.dropout > 0 {
                let drop = MotetNN.Dropout(towers.dropout, name: "dropout_\(layer + 1)")
                value = try context.call(drop, [value])[0]
            }
        }
        return [value]
    }

    /// The mixture of experts by meta attention, `[B, H]`.
    private func attended(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let experts = try context.slices(inputs[0])
        let shape = context.graph.shape(of: experts[0])
        let count = context.graph.shape(of: inputs[1])[0].fixedSize ?? 1
        let ones = [Int](repeating: 1, count: count)
        let view = try context.graph.add(MotetGraph.Split(axis: 0, sizes: ones), [inputs[1]])
        let rows = try context.graph.apply(BroadcastLike(shape), view[index], experts[0])
        let unit = MetaUnit(
            shape.last.fixedSize ?? 1,
            activation: towers.activation,
            name: "attention"
        )
        let score = Dense(1, useBias: false, name: "attention_score")
        var scores: [Value] = []
        for expert in experts {
            let pair = try context.graph.add(MotetGraph.Concatenate(axis: 1), [expert, rows])[0]
            let made = try context.call(unit, [pair, inputs[2], inputs[3]])[0]
            scores.append(try context.call(score, [made])[0])
        }
        let joined = try context.graph.add(MotetGraph.Concatenate(axis: 1), scores)[0]
        let weights = try context.graph.apply(MotetGraph.Softmax(), joined)
        let mixture = Mixture(selections: [Array(experts.indices)])
        let mixed = try context.graph.apply(
            mixture,
            try context.stacked([weights]),
            inputs[0]
        )
        return try context.slices(mixed)[0]
    }
}

extension M2M {
    /// The settings in configurations.
    public struct Settings: ScenarioSettings {
        /// The layer.
        public typealias Network = M2M
        /// `m2m`.
        public static let name = "m2m"
        /// The number of experts.
        public var experts = 4
        /// Widths of each expert's layers.
        public var expertUnits = [64]
        /// The number of meta layers of each task's tower.
        public var metaLayers = 2
        /// The width of what is known of a scenario, from which weights are made.
        public var knowledgeUnits = 16
        /// The width of the vectors of scenarios and tasks.
        public var scenarioDimension = 8

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .count("experts", \.experts), .widths("expert_units", \.expertUnits),
                .count("meta_layers", \.metaLayers),
                .count("knowledge_units", \.knowledgeUnits),
                .count("scenario_dimension", \.scenarioDimension),
            ]
        }
    }
}

extension Architecture {
    /// Weights of attention and towers made from what is known of a scenario.
    public static func m2m(_ change: (inout M2M.Settings) -> Void = { _ in }) -> Architecture {
        changed(change)
    }
}
