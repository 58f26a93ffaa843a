import MotetCore
public import MotetGraph
public import MotetNN

/// Scenario-aware ranking network: features moved to each scenario, then experts of all and of the scenario.
///
/// `x' = x * beta_s + gamma_s` for a row of scenario *s*; experts that all scenarios share and experts of the
/// scenario's own, `e_j(x') + p V_j + c_j`, where what the bias features p add counts in training only;
/// `f_k(x) = tower_k(sum_j softmax_j(x' G_k + g_k) e_j)`.
///
/// - Shapes: inputs `[B, I]`, rows sorted by scenario, and the offsets of the scenarios `[S + 1]`; output for each
///   task `[B, C_k]`
/// - Learned: `scale` `[S, J]`, ones, and `shift` `[S, J]`, zeros, for J columns without those of bias features;
///   `shared_experts/dense_i/weight` `[E, J, U]`; `scenario_expert_j/dense_i/weight` `[S, J, U]`; `shared_bias/weight`
///   `[E, P, U]`, `scenario_bias/weight` `[S, P, E' U]`; `gates/weight` `[K, J, E + E']`
/// - Cost: `sharedExperts + scenarioExperts` networks on each row, however many scenarios there are.
/// - Source: Shen, Tao, Zhang, Wen, Chen and Lu, "SAR-Net: A Scenario-Aware Ranking Network for Personalized Fair
///   Recommendation in Hundreds of Travel Scenarios", CIKM 2021. <https://doi.org/10.48550/arXiv.2110.06475>
/// - Departures: an expert gives a vector rather than a logit, which gates of each task mix for its tower; no batch
///   normalisation in experts. Biases come from any features, where the paper has one fairness coefficient. What the
///   paper draws from sequences is an interaction in front.
public final class SARNet: ScenarioNetwork {
    /// `sar_net`.
    public static let kind = "sar_net"
    /// What it is made of.
    public let parts: ScenarioParts<Settings>

    /// Creates the architecture from its parts.
    public init(_ parts: ScenarioParts<Settings>) { self.parts = parts }

    /// The columns of the bias features in their order.
    private var bias: [Range<Int>] { parts.columns.sorted { $0.lowerBound < $1.lowerBound } }

    /// Runs the transformation, the experts and the towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkExperts(settings.sharedExperts + settings.scenarioExperts, settings.expertUnits)
        let offsets = inputs[1]
        let (features, biased) = try parts(inputs[0], in: &context)
        let value = try transformed(features, offsets, in: &context)
        let shared = StackedPerceptron(
            settings.expertUnits,
            sources: [Int](repeating: 0, count: settings.sharedExperts),
            activation: towers.activation,
            dropout: towers.dropout,
            name: "shared_experts"
        )
        var experts: [Value] = []
        if settings.sharedExperts > 0 {
            experts += try context.slices(try context.call(shared, [value])[0])
        }
        for number in 0..<settings.scenarioExperts {
            let expert = ScenarioExpert(
                settings.expertUnits,
                scenarios: scenarios,
                towers: towers,
                name: "scenario_expert_\(number + 1)"
            )
            experts.append(try context.call(expert, [value, offsets])[0])
        }
        if let biased {
            let added = try biases(biased, offsets, in: &context)
            for index in experts.indices where context.mode == .training {
                experts[index] = try context.graph.apply(
                    Arithmetic(.add),
                    experts[index],
                    added[index]
                )
            }
        }
        let all = Array(experts.indices)
        let gates = StackedDense(all.count, sources: tasks.map { _ in 0 }, name: "gates")
        let weights = try context.graph.apply(
            MotetGraph.Softmax(),
            try context.call(gates, [value])[0]
        )
        let mixed = try context.graph.apply(
            Mixture(selections: tasks.map { _ in all }),
            weights,
            try context.stacked(experts)
        )
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [mixed] + inputs.dropFirst()
        )
    }

    /// The columns without those of bias features, and these; nil where there are none.
    private func parts(
        _ x: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> (features: Value, bias: Value?) {
        guard !bias.isEmpty else { return (x, nil) }
        let width = context.graph.shape(of: x).last.fixedSize ?? 0
        var others: [Range<Int>] = []
        var end = 0
        for range in bias {
            if range.lowerBound > end { others.append(end..<range.lowerBound) }
            end = range.upperBound
        }
        if end < width { others.append(end..<width) }
        guard !others.isEmpty else {
            throw GraphError(
                .outOfRange,
                "every feature is a bias feature; expected others beside them; received none."
            )
        }
        let all = (bias + others).sorted { $0.lowerBound < $1.lowerBound }
        let pieces = try context.pieces(x, all)
        func joined(
            _ ranges: [Range<Int>],
            _ context: inout ForwardContext
        ) throws(GraphError) -> Value {
            let chosen = zip(all, pieces).filter { ranges.contains($0.0) }.map(\.1)
            guard chosen.count > 1 else { return chosen[0] }
            return try context.graph.add(MotetGraph.Concatenate(axis: 1), chosen)[0]
        }
        return (try joined(others, &context), try joined(bias, &context))
    }

    /// `x * beta_s + gamma_s`.
    private func transformed(
        _ x: Value,
        _ offsets: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let shape = [scenarios, context.graph.shape(of: x).last.fixedSize ?? 1]
        let scale = try context.parameter("scale", shape: shape, initializer: .ones, role: .bias)
        let shift = try context.parameter("shift", shape: shape, initializer: .zeros, role: .bias)
        let factors = try context.scenarioRows(scale, offsets, like: x)
        let scaled = try context.graph.apply(Arithmetic(.multiply), x, factors)
        return try context.graph.apply(GroupedAddBias(), scaled, shift, offsets)
    }

    /// What the bias features add to each expert.
    private func biases(
        _ known: Value,
        _ offsets: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let width = settings.expertUnits.last ?? 1
        var added: [Value] = []
        if settings.sharedExperts > 0 {
            let sources = [Int](repeating: 0, count: settings.sharedExperts)
            let shared = StackedDense(width, sources: sources, name: "shared_bias")
            added += try context.slices(try context.call(shared, [known])[0])
        }
        if settings.scenarioExperts > 0 {
            let own = ScenarioDense(
                width * settings.scenarioExperts,
                scenarios: scenarios,
                name: "scenario_bias"
            )
            let made = try context.call(own, [known, offsets])[0]
            let sizes = [Int](repeating: width, count: settings.scenarioExperts)
            added +=
                sizes.count == 1
                ? [made] : try context.graph.add(MotetGraph.Split(axis: 1, sizes: sizes), [made])
        }
        return added
    }
}

/// An expert with weights of its own for each scenario.
private final class ScenarioExpert: Layer {
    static let kind = "scenario_expert"
    let name: String?
    private let layers: [ScenarioDense]
    private let dropout: Float

    init(_ units: [Int], scenarios: Int, towers: TowerSettings, name: String) {
        layers = units.enumerated().map {
            ScenarioDense(
                $1,
                scenarios: scenarios,
                activation: towers.activation,
                name: "dense_\($0 + 1)"
            )
        }
        dropout = towers.dropout
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        [try context.perceptron(layers, inputs[0], inputs[1], dropout: dropout)]
    }
}
