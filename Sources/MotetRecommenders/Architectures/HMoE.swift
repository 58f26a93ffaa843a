import MotetCore
public import MotetGraph
public import MotetNN

/// Hybrid of implicit and explicit mixtures of experts: each scenario's answer mixes those of all scenarios.
///
/// `f_k(x) = sum_j softmax(h W_s)_j tower_{k,j}(h)` for a row of scenario *s*, where the gradient of the row reaches
/// only the tower of its own scenario; `h` is a mixture of shared experts by a gate of the scenario.
///
/// - Shapes: inputs `[B, I]`, rows sorted by scenario, and the offsets of the scenarios `[S + 1]`; output for each
///   task `[B, C_k]`
/// - Learned: `experts/dense_i/weight` `[E, I, U]`; `expert_gates/weight` `[S, I, E]`; for each task
///   `<task>/gates/weight` `[S, U, S]`, `<task>/towers/dense_i/weight` `[S, I, U]` and `<task>/outputs/weight`
/// - Cost: the towers of all scenarios answer for every row: that is the method.
/// - Source: Li et al., "Improving Multi-Scenario Learning to Rank in E-commerce by Exploiting Task Relationships in
///   the Label Space", CIKM 2020. <https://doi.org/10.1145/3340531.3412713>
/// - Departures: several tasks, each with towers and gates of its own over shared experts. A gate reads what
///   the towers read.
public final class HMoE: ScenarioNetwork {
    /// `hmoe`.
    public static let kind = "hmoe"
    /// What it is made of.
    public let parts: ScenarioParts<Settings>

    /// Creates the architecture from its parts.
    public init(_ parts: ScenarioParts<Settings>) { self.parts = parts }

    /// Runs experts, gates and the towers of all scenarios.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkExperts(settings.experts, settings.expertUnits)
        try checkWidths("towerUnits", towers.units)
        let stack = StackedPerceptron(
            settings.expertUnits,
            sources: [Int](repeating: 0, count: settings.experts),
            activation: towers.activation,
            dropout: towers.dropout,
            name: "experts"
        )
        let experts = try context.call(stack, [inputs[0]])[0]
        let gate = ScenarioDense(
            settings.experts,
            scenarios: scenarios,
            useBias: false,
            name: "expert_gates"
        )
        let logits = try context.call(gate, inputs)[0]
        let weights = try context.graph.apply(MotetGraph.Softmax(), logits)
        let mixture = Mixture(selections: [Array(0..<settings.experts)])
        let mixed = try context.graph.apply(
            mixture,
            try context.stacked([weights]),
            experts
        )
        let hidden = try context.slices(mixed)[0]
        var outputs: [Value] = []
        for task in tasks {
            let answers = ScenarioAnswers(
                task.towerWidth,
                scenarios: scenarios,
                towers: towers,
                name: task.name
            )
            outputs.append(try context.call(answers, [hidden, inputs[1]])[0])
        }
        return outputs
    }
}

/// A task's answer by the towers of all scenarios, mixed by the gate of the row's own.
///
/// - Shapes: inputs h `[B, H]` and offsets `[S + 1]`; output `[B, C]`
private final class ScenarioAnswers: Layer {
    static let kind = "scenario_answers"
    let name: String?
    private let width: Int
    private let scenarios: Int
    private let towers: TowerSettings

    init(_ width: Int, scenarios: Int, towers: TowerSettings, name: String) {
        self.width = width
        self.scenarios = scenarios
        self.towers = towers
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let sources = Array(0..<scenarios)
        var hidden = inputs[0]
        if !towers.units.isEmpty {
            let stack = StackedPerceptron(
                towers.units,
                sources: sources.map { _ in 0 },
                activation: towers.activation,
                dropout: towers.dropout,
                name: "towers"
            )
            hidden = try context.call(stack, [hidden])[0]
        }
        let output = StackedDense(
            width,
            sources: towers.units.isEmpty ? sources.map { _ in 0 } : sources,
            name: "outputs"
        )
        let answers = try context.call(output, [hidden])[0]  // [S, B, C]
        let gate = ScenarioDense(scenarios, scenarios: scenarios, useBias: false, name: "gates")
        let logits = try context.call(gate, inputs)[0]
        let weights = try context.graph.apply(MotetGraph.Softmax(), logits)  // [B, S]
        let trained = try ownAnswersTrained(answers, inputs[1], like: inputs[0], in: &context)
        let mixed = try context.graph.apply(
            Mixture(selections: [sources]),
            try context.stacked([weights]),
            trained
        )
        return [try context.slices(mixed)[0]]
    }

    /// The answers, of which those of other scenarios than the row's are constants.
    private func ownAnswersTrained(
        _ answers: Value,
        _ offsets: Value,
        like rows: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let count = scenarios
        let ones = (0..<(count * count)).map { $0 / count == $0 % count ? Float(1) : 0 }
        let identity = context.graph.constant(Tensor(ones, shape: [count, count]))
        let own = try context.scenarioRows(identity, offsets, like: rows)  // [B, S]
        let columns = try context.graph.apply(MotetGraph.Transpose([1, 0]), own)
        let batch = context.graph.shape(of: rows)[0]
        let mask = try context.graph.apply(
            MotetGraph.Reshape([.fixed(count), batch, 1]),
            columns
        )
        let constant = try context.graph.apply(StopGradient(), answers)
        let difference = try context.graph.apply(Arithmetic(.subtract), answers, constant)
        let passed = try context.graph.apply(Arithmetic(.multiply), difference, mask)
        return try context.graph.apply(Arithmetic(.add), constant, passed)
    }
}

extension HMoE {
    /// The settings in configurations.
    public struct Settings: ScenarioSettings {
        /// The layer.
        public typealias Network = HMoE
        /// `hmoe`.
        public static let name = "hmoe"
        /// The number of shared experts.
        public var experts = 4
        /// Widths of each expert's layers.
        public var expertUnits = [128]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [.count("experts", \.experts), .widths("expert_units", \.expertUnits)]
        }
    }
}

extension Architecture {
    /// Answers of all scenarios' towers, mixed for each scenario.
    public static func hmoe(experts: Int, expertUnits: [Int]) -> Architecture {
        var settings = HMoE.Settings()
        settings.experts = experts
        settings.expertUnits = expertUnits
        return Architecture(settings)
    }
}
