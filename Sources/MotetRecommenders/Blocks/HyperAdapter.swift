import MotetCore
import MotetGraph
import MotetNN

/// An adapter of a hidden layer whose low-rank weights come from the row, between factors of the scenario.
///
/// `h + gamma_s * norm(f(h A_s M B_s + b_s) C_s M D_s + c_s) + beta_s` for a row of scenario *s*, with `M` a small
/// square matrix that a network shared by all makes from the row.
///
/// - Shapes: inputs h `[B, H]`, matrices M `[B, R, R]`, offsets `[S + 1]`; output `[B, H]`
/// - Learned: `down/left` `[S, H, R]`, `down/right` `[S, R, A]`, `down/bias` `[S, A]`; `up/left` `[S, A, R]`,
///   `up/right` `[S, R, H]`, `up/bias` `[S, H]`; `scale` and `shift` `[S, H]`
/// - Source: Li et al., "HAMUR: Hyper Adapter for Multi-Domain Recommendation", CIKM 2023.
///   <https://doi.org/10.1145/3583780.3615137>
final class HyperAdapter: Layer {
    static let kind = "hyper_adapter"
    let name: String?
    private let units: Int
    private let scenarios: Int
    private let activation: LayerActivation

    init(_ units: Int, scenarios: Int, activation: LayerActivation, name: String) {
        self.units = units
        self.scenarios = scenarios
        self.activation = activation
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let width = context.graph.shape(of: inputs[0]).last.fixedSize ?? 1
        let down = try product("down", inputs[0], units, inputs, in: &context)
        let hidden = try activation.apply(to: down, in: &context)
        let up = try product("up", hidden, width, inputs, in: &context)
        let ones = context.graph.constant(
            Tensor([Float](repeating: 1, count: width), shape: [width])
        )
        let zeros = context.graph.constant(Tensor(zeros: [width]))
        let norm = try context.graph.add(
            MotetGraph.LayerNormalization(epsilon: 1e-5),
            [up, ones, zeros]
        )[0]
        let all = [scenarios, width]
        let scale = try context.parameter("scale", shape: all, initializer: .ones, role: .bias)
        let shift = try context.parameter("shift", shape: all, initializer: .zeros, role: .bias)
        let factors = try context.scenarioRows(scale, inputs[2], like: inputs[0])
        let scaled = try context.graph.apply(Arithmetic(.multiply), norm, factors)
        let shifted = try context.graph.apply(GroupedAddBias(), scaled, shift, inputs[2])
        return [try context.graph.apply(Arithmetic(.add), inputs[0], shifted)]
    }

    /// `x L_s M R_s + b_s`.
    private func product(
        _ name: String,
        _ x: Value,
        _ units: Int,
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let (matrices, offsets) = (inputs[1], inputs[2])
        let width = context.graph.shape(of: x).last.fixedSize ?? 1
        let batch = context.graph.shape(of: x)[0]
        let rank = context.graph.shape(of: matrices).last
        let size = rank.fixedSize ?? 1
        let left = try context.parameter(
            "\(name)/left",
            shape: [scenarios, width, size],
            initializer: .glorotUniform
        )
        let right = try context.parameter(
            "\(name)/right",
            shape: [scenarios, size, units],
            initializer: .glorotUniform
        )
        let bias = try context.parameter(
            "\(name)/bias",
            shape: [scenarios, units],
            initializer: .zeros,
            role: .bias
        )
        let reduced = try context.graph.apply(GroupedMatMul(), x, left, offsets)
        let column = try context.graph.apply(MotetGraph.Reshape([batch, rank, 1]), reduced)
        let products = try context.graph.apply(Arithmetic(.multiply), matrices, column)
        let sums = try context.graph.apply(SumToShape([batch, 1, rank]), products)
        let turned = try context.graph.apply(MotetGraph.Reshape([batch, rank]), sums)
        let value = try context.graph.apply(GroupedMatMul(), turned, right, offsets)
        return try context.graph.apply(GroupedAddBias(), value, bias, offsets)
    }
}
