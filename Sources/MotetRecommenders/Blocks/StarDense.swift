import MotetCore
import MotetGraph
import MotetNN

/// A dense layer in the star topology: a shared weight times one of the scenario.
///
/// `f(x (W * W_s) + b + b_s)` for a row of scenario *s*, with an element-wise product of weights. The products
/// are made once for each scenario, and meet that scenario's rows only.
///
/// - Shapes: inputs x `[B, I]` and offsets `[S + 1]`; output `[B, U]`
/// - Learned: `weight` `[I, U]`, `bias` `[U]`, zeros; `scenario_weight` `[S, I, U]`, ones, and `scenario_bias`
///   `[S, U]`, zeros: each scenario starts as the shared layer, and one without training rows stays it
/// - Cost: one dense layer for each row, and `S I U` products of weights a step.
/// - Source: Sheng et al., CIKM 2021.
final class StarDense: Layer {
    static let kind = "star_dense"
    let name: String?
    private let units: Int
    private let scenarios: Int
    private let activation: LayerActivation

    init(_ units: Int, scenarios: Int, activation: LayerActivation, name: String? = nil) {
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
        let weight = try context.parameter(
            "weight",
            shape: [width, units],
            initializer: activation == .relu ? .heUniform : .glorotUniform
        )
        let bias = try context.parameter(
            "bias",
            shape: [units],
            initializer: .zeros,
            role: .bias
        )
        // Factors around 1: pulling them to 0 by weight decay would not make the network simpler.
        let ownWeight = try context.parameter(
            "scenario_weight",
            shape: [scenarios, width, units],
            initializer: .ones,
            role: .bias
        )
        let ownBias = try context.parameter(
            "scenario_bias",
            shape: [scenarios, units],
            initializer: .zeros,
            role: .bias
        )
        let weights = try context.graph.apply(Arithmetic(.multiply), ownWeight, weight)
        let biases = try context.graph.apply(Arithmetic(.add), ownBias, bias)
        var value = try context.graph.apply(GroupedMatMul(), inputs[0], weights, inputs[1])
        value = try context.graph.apply(GroupedAddBias(), value, biases, inputs[1])
        return [try activation.apply(to: value, in: &context)]
    }
}
