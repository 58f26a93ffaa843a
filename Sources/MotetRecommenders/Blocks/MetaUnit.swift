import MotetCore
import MotetGraph
import MotetNN

/// A dense layer whose weights are made from what is known of a scenario.
///
/// `f(x W_s + b_s)` with `W_s = reshape(k_s V_w + v_w)` and `b_s = k_s V_b + v_b` for a row of scenario *s*. Weights are
/// made once for each scenario, not for each row.
///
/// - Shapes: inputs x `[B, I]`, offsets `[S + 1]` and the knowledge k `[S, G]`; output `[B, U]`
/// - Learned: `weight/weight` `[G, I U]`, `weight/bias` `[I U]`, which starts as a dense layer's weight; `bias/weight`
///   `[G, U]` and `bias/bias` `[U]`
/// - Source: Zhang et al., "Leaving No One Behind", WSDM 2022: the meta unit.
///   <https://doi.org/10.1145/3488560.3498479>
final class MetaUnit: Layer {
    static let kind = "meta_unit"
    let name: String?
    private let units: Int
    private let activation: LayerActivation

    init(_ units: Int, activation: LayerActivation, name: String) {
        self.units = units
        self.activation = activation
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let (x, offsets, knowledge) = (inputs[0], inputs[1], inputs[2])
        let width = context.graph.shape(of: x).last.fixedSize ?? 1
        let scenarios = context.graph.shape(of: knowledge)[0]
        let limit = (6 / Float(width + units)).squareRoot()
        let flat = try generated(
            knowledge,
            "weight",
            width * units,
            .uniform(limit: limit),
            in: &context
        )
        let weight = try context.graph.apply(
            MotetGraph.Reshape([scenarios, .fixed(width), .fixed(units)]),
            flat
        )
        let bias = try generated(knowledge, "bias", units, .zeros, in: &context)
        var value = try context.graph.apply(GroupedMatMul(), x, weight, offsets)
        value = try context.graph.apply(GroupedAddBias(), value, bias, offsets)
        return [try activation.apply(to: value, in: &context)]
    }

    /// Weights of each scenario, `[S, N]`: those all start from, and what a scenario's knowledge adds.
    private func generated(
        _ knowledge: Value,
        _ name: String,
        _ count: Int,
        _ start: Initializer,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let width = context.graph.shape(of: knowledge).last.fixedSize ?? 1
        let weight = try context.parameter(
            "\(name)/weight",
            shape: [width, count],
            initializer: .glorotUniform
        )
        let bias = try context.parameter("\(name)/bias", shape: [count], initializer: start)
        let product = try context.graph.apply(MatMul(), knowledge, weight)
        return try context.graph.apply(AddBias(), product, bias)
    }
}
