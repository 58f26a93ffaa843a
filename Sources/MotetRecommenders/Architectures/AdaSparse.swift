import MotetCore
public import MotetGraph
public import MotetNN

/// Adaptively sparse networks: one network for all scenarios, whose units each scenario prunes for itself.
///
/// `h_l = f((h_{l-1} * pi_l) W_l + b_l)`, `pi_l = S([e_s; h_{l-1}] V_l + c_l)`, where S gives factors of which some are 0.
/// An added loss keeps the share of each layer that is pruned, `r_l = 1 - mean(pi_l)`, within a range:
/// `1 / L sum_l lambda_l |r_l - r|`, `lambda_l = lambda |r_l - r|` outside the range and 0 within, r its middle.
///
/// - Shapes: inputs `[B, I]`, rows sorted by scenario, and the offsets of the scenarios `[S + 1]`; output for each
///   task `[B, C_k]`
/// - Learned: `scenarios/weight` `[S, D]`; `pruner_l`, see `Pruner`; `dense_i/weight` `[I, U]`; kept: `steps` `[1]`, the
///   training steps so far, which `alpha` and `lambda` grow with
/// - Cost: one dense layer more for each layer, from its input and the scenario's vector to factors of its input.
/// - Source: Yang, Peng, Wei, Liu, Wang and Zheng, "AdaSparse: Learning Adaptively Sparse Structures for Multi-Domain
///   Click-Through Rate Prediction", CIKM 2022. <https://doi.org/10.1145/3511808.3557541>
/// - Departures: several tasks, each with a tower on the last pruned layer. The loss on sparsity applies to all three
///   forms of factors. A pruner is one linear map.
public final class AdaSparse: ScenarioNetwork {
    /// What factors are.
    public enum Form: String, CaseIterable, Sendable {
        /// 0 or 1.
        case binary
        /// 0, or a share of `beta`.
        case scaling
        /// The same, ever steeper.
        case fusion
    }

    /// `adasparse`.
    public static let kind = "adasparse"
    /// What it is made of.
    public let parts: ScenarioParts<Settings>

    /// Creates the architecture from its parts.
    public init(_ parts: ScenarioParts<Settings>) { self.parts = parts }

    /// Runs the layers on what pruners leave of their inputs, and the towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkWidths("networkUnits", settings.networkUnits, atLeast: 1)
        if let problem = settings.rangeProblem { throw GraphError(.outOfRange, problem) }
        let embedding = ScenarioEmbedding(
            settings.scenarioDimension,
            scenarios: scenarios,
            name: "scenarios"
        )
        let vector = try context.call(embedding, inputs)[0]
        let (alpha, factor) = try schedules(in: &context)
        var value = inputs[0]
        var kept: [Value] = []
        func prune(
            _ number: Int,
            _ value: Value,
            _ context: inout ForwardContext
        ) throws(GraphError) -> Value {
            let made = try context.call(
                Pruner(settings, name: "pruner_\(number)"),
                [vector, value, alpha]
            )
            kept.append(made[1])
            return made[0]
        }
        for (index, width) in settings.networkUnits.enumerated() {
            value = try prune(index + 1, value, &context)
            if index == 0 {
                value = try context.graph.add(
                    MotetGraph.Concatenate(axis: 1),
                    [vector, value]
                )[0]
            }
            let layer = Dense(width, activation: towers.activation, name: "dense_\(index + 1)")
            value = try context.perceptron([layer], value, dropout: towers.dropout)
        }
        value = try prune(settings.networkUnits.count + 1, value, &context)
        addSparsityLoss(kept, factor, to: &context)
        return try context.call(
            towers.towers(tasks, sharesInput: true),
            [value] + inputs.dropFirst()
        )
    }

    /// `alpha` and the factor of the loss, `[1]` each, by the training steps so far.
    private func schedules(
        in context: inout ForwardContext
    ) throws(GraphError) -> (alpha: Value, factor: Value) {
        let steps = try context.parameter(
            "steps",
            shape: [1],
            initializer: .zeros,
            role: .statistic
        )
        func constant(_ value: Float, _ context: inout ForwardContext) -> Value {
            context.graph.constant(Tensor([value], shape: [1]))
        }
        func grown(
            _ first: Float,
            _ growth: Float,
            _ context: inout ForwardContext
        ) throws(GraphError) -> Value {
            let more = try context.graph.apply(Scale(growth), steps)
            return try context.graph.apply(
                Arithmetic(.add),
                more,
                constant(first, &context)
            )
        }
        // min(a, limit) is limit - relu(limit - a).
        let limit = constant(max(settings.alphaLimit, settings.alpha), &context)
        let room = try context.graph.apply(
            Arithmetic(.subtract),
            limit,
            try grown(settings.alpha, settings.alphaGrowth, &context)
        )
        let alpha = try context.graph.apply(
            Arithmetic(.subtract),
            limit,
            try context.graph.apply(MotetGraph.Activation(.relu), room)
        )
        let factor = try grown(settings.sparsity, settings.sparsityGrowth, &context)
        if context.mode == .training {
            let one = constant(1, &context)
            context.graph.stage = .update
            defer { context.graph.stage = .gradients }
            context.update("steps", try context.graph.apply(Arithmetic(.add), steps, one))
        }
        return (alpha, factor)
    }

    /// Draws the pruned share of each layer towards the range.
    private func addSparsityLoss(
        _ kept: [Value],
        _ factor: Value,
        to context: inout ForwardContext
    ) {
        guard settings.sparsity > 0 || settings.sparsityGrowth > 0 else { return }
        let names = tasks.map(\.name)
        let (least, greatest) = (settings.leastSparsity, settings.greatestSparsity)
        context.addLoss("sparsity", of: names) { (rows, graph) throws(GraphError) in
            let target = graph.constant(Tensor([1 - (least + greatest) / 2], shape: []))
            let reach = graph.constant(Tensor([(greatest - least) / 2], shape: []))
            let weights = try rows.weights(known: names[0], in: &graph)
            let scale = try graph.apply(MotetGraph.Reshape([]), factor)
            var terms: [Value] = []
            for share in kept {
                // Factors are not negative: their weighted mean is one of absolute values.
                let zeros = try graph.apply(StopGradient(), try graph.apply(Scale(0), share))
                let mean = try graph.add(PointwiseLoss(.absoluteError), [share, zeros, weights])[0]
                let excess = try graph.apply(Arithmetic(.subtract), mean, target)
                let distance = try graph.apply(
                    Arithmetic(.add),
                    try graph.apply(MotetGraph.Activation(.relu), excess),
                    try graph.apply(
                        MotetGraph.Activation(.relu),
                        try graph.apply(Scale(-1), excess)
                    )
                )
                let outside = try graph.isPositive(
                    try graph.apply(Arithmetic(.subtract), distance, reach)
                )
                let strength = try graph.apply(
                    Arithmetic(.multiply),
                    try graph.apply(Arithmetic(.multiply), distance, outside),
                    scale
                )
                let constant = try graph.apply(StopGradient(), strength)
                terms.append(try graph.apply(Arithmetic(.multiply), constant, distance))
            }
            return try graph.apply(Scale(1 / Float(kept.count)), try graph.add(AddN(), terms)[0])
        }
    }
}
