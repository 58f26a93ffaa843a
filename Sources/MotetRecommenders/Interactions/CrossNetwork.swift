import MotetCore
import MotetGraph
import MotetNN

/// Crosses of the input with itself, one degree more with each layer.
///
/// - vector (DCN): `x_{l+1} = x_0 (x_l . w_l) + b_l + x_l`
/// - matrix (DCN-V2): `x_{l+1} = x_0 * (x_l W_l + b_l) + x_l`
/// - mixture (DCN-V2): `x_{l+1} = x_0 * (sum_e g_e(x_l) (tanh(tanh(x_l V_e) C_e) U_e) + b_l) + x_l`, `g` a softmax
///
/// - Shapes: input and output `[B, I]`
/// - Learned: `weight_i` `[I, 1]` or `[I, I]`; for a mixture `down_i` `[E, I, R]`, `middle_i` `[E, R, R]`, `up_i` `[E, R, I]` and
///   `gate_i` `[I, E]`; `bias_i` `[I]`, zeros
/// - Source: Wang et al., "Deep & Cross Network for Ad Click Predictions", ADKDD 2017
///   <https://doi.org/10.1145/3124749.3124754>; Wang et al., "DCN V2", WWW 2021
///   <https://doi.org/10.1145/3442381.3450078>
/// - Departures: the gate of a mixture is a softmax of a linear map; the paper leaves it open.
final class CrossNetwork: UnaryLayer {
    static let kind = "cross_network"
    let name: String?
    private let form: Form
    private let layers: Int

    enum Form {
        case vector
        case matrix
        case mixture(CrossMixture)
    }

    init(_ form: Form, layers: Int, name: String) {
        self.form = form
        self.layers = layers
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        guard layers >= 1 else {
            throw GraphError(
                .outOfRange,
                "'layers' is out of range; expected at least 1; received \(layers)."
            )
        }
        let first = inputs[0]
        let width = context.graph.shape(of: first).last.fixedSize ?? 1
        var value = first
        for layer in 1...layers {
            let bias = try context.parameter(
                "bias_\(layer)",
                shape: [width],
                initializer: .zeros,
                role: .bias
            )
            let crossed: Value
            switch form {
            case .vector:
                let sums = try product(value, "weight_\(layer)", [width, 1], in: &context)
                let scaled = try context.graph.apply(Arithmetic(.multiply), first, sums)
                crossed = try context.graph.apply(AddBias(), scaled, bias)
            case .matrix:
                let mapped = try product(value, "weight_\(layer)", [width, width], in: &context)
                let biased = try context.graph.apply(AddBias(), mapped, bias)
                crossed = try context.graph.apply(Arithmetic(.multiply), first, biased)
            case .mixture(let mixture):
                let mixed = try mixed(value, mixture, layer, in: &context)
                let biased = try context.graph.apply(AddBias(), mixed, bias)
                crossed = try context.graph.apply(Arithmetic(.multiply), first, biased)
            }
            value = try context.graph.apply(Arithmetic(.add), crossed, value)
        }
        return [value]
    }

    private func product(
        _ x: Value,
        _ name: String,
        _ shape: [Int],
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let weight = try context.parameter(name, shape: shape, initializer: .glorotUniform)
        return try context.graph.apply(MatMul(), x, weight)
    }

    /// The mixture of products of low rank, `[B, I]`.
    private func mixed(
        _ x: Value,
        _ mixture: CrossMixture,
        _ layer: Int,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let (experts, rank) = (mixture.experts, mixture.rank)
        guard experts >= 1, rank >= 1 else {
            throw GraphError(
                .outOfRange,
                "a mixture is out of range; expected at least 1 expert and rank 1; received \(experts) and \(rank)."
            )
        }
        let width = context.graph.shape(of: x).last.fixedSize ?? 1
        let all = Array(0..<experts)
        func stack(
            _ value: Value,
            _ name: String,
            _ inner: Int,
            _ outer: Int,
            _ sources: [Int],
            _ context: inout ForwardContext
        ) throws(GraphError) -> Value {
            let weight = try context.parameter(
                "\(name)_\(layer)",
                shape: [experts, inner, outer],
                initializer: .glorotUniform
            )
            return try context.graph.apply(StackedMatMul(sources: sources), value, weight)
        }
        var value = try stack(x, "down", width, rank, all.map { _ in 0 }, &context)
        value = try context.graph.apply(MotetGraph.Activation(.tanh), value)
        value = try stack(value, "middle", rank, rank, all, &context)
        value = try context.graph.apply(MotetGraph.Activation(.tanh), value)
        value = try stack(value, "up", rank, width, all, &context)
        let logits = try product(x, "gate_\(layer)", [width, experts], in: &context)
        let gates = try context.graph.apply(MotetGraph.Softmax(), logits)
        let mixed = try context.graph.apply(
            Mixture(selections: [all]),
            try context.stacked([gates]),
            value
        )
        return try context.slices(mixed)[0]
    }
}
