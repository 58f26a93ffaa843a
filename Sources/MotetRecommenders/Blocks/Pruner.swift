import MotetCore
import MotetGraph
import MotetNN

/// Factors of the units of a hidden layer, of which some are 0, from the scenario and the units themselves.
///
/// `h * pi` with `pi = S([e_s; h] W + b)`, where `S(v)` is 0 where it would not be above `epsilon`, and else
/// - binary: 1, by `sigmoid(alpha v) > epsilon`; the gradient is that of `sigmoid(alpha v)`
/// - scaling: `beta sigmoid(v)`
/// - fusion: `beta sigmoid(alpha v)`
///
/// - Shapes: inputs: vectors of scenarios `[B, D]`, units h `[B, U]` and alpha `[1]`; outputs `[B, U]` and the mean
///   factor of each row, `[B]`
/// - Learned: `factors/weight` `[D + U, U]`, `factors/bias` `[U]`
/// - Source: Yang et al., "AdaSparse", CIKM 2022. <https://doi.org/10.1145/3511808.3557541>
final class Pruner: Layer {
    static let kind = "pruner"
    let name: String?
    private let settings: AdaSparse.Settings

    init(_ settings: AdaSparse.Settings, name: String) {
        self.settings = settings
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let units = inputs[1]
        let width = context.graph.shape(of: units).last.fixedSize ?? 1
        let joined = try context.graph.add(
            MotetGraph.Concatenate(axis: 1),
            [inputs[0], units]
        )[0]
        var logits = try context.call(Dense(width, name: "factors"), [joined])[0]
        if settings.form != .scaling {
            logits = try context.graph.apply(Arithmetic(.multiply), logits, inputs[2])
        }
        let shares = try context.graph.apply(MotetGraph.Activation(.sigmoid), logits)
        let factors = try factors(shares, in: &context.graph)
        let pruned = try context.graph.apply(Arithmetic(.multiply), units, factors)
        return [pruned, try context.graph.apply(MotetGraph.Mean(axis: 1), factors)]
    }

    private func factors(
        _ shares: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let epsilon = graph.constant(Tensor([settings.epsilon], shape: []))
        guard settings.form == .binary else {
            let scaled = try graph.apply(Scale(settings.beta), shares)
            let kept = try graph.isPositive(
                try graph.apply(Arithmetic(.subtract), scaled, epsilon)
            )
            return try graph.apply(Arithmetic(.multiply), scaled, kept)
        }
        let kept = try graph.isPositive(try graph.apply(Arithmetic(.subtract), shares, epsilon))
        // 0 with the gradient of the share: the step itself has none.
        let constant = try graph.apply(StopGradient(), shares)
        let passed = try graph.apply(Arithmetic(.subtract), shares, constant)
        return try graph.apply(Arithmetic(.add), kept, passed)
    }
}

extension GraphBuilder {
    /// 1 where a value is above 0 and 0 elsewhere, without a gradient; between 0 and 1 below 1e-9.
    mutating func isPositive(_ value: Value) throws(GraphError) -> Value {
        let one = constant(Tensor([Float(1)], shape: []))
        let steep = try apply(Scale(1e9), try apply(StopGradient(), value))
        let above = try apply(MotetGraph.Activation(.relu), steep)
        let missing = try apply(Arithmetic(.subtract), one, above)
        let below = try apply(MotetGraph.Activation(.relu), missing)
        return try apply(Arithmetic(.subtract), one, below)
    }
}
