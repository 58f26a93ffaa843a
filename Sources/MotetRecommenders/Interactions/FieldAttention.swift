import MotetCore
import MotetGraph
import MotetNN

/// Self-attention between the vectors of features: `e'_m = relu([heads of sum_k softmax(q_m . k_k) v_k] + e_m W)`.
///
/// - Shapes: input `[B, F, D]`; output `[B, F H U]` for H heads of U units
/// - Learned: `queries_i`, `keys_i`, `values_i` and `residual_i` `[D, H U]`
/// - Source: Song et al., "AutoInt: Automatic Feature Interaction Learning via Self-Attentive Neural Networks", CIKM
///   2019. <https://doi.org/10.1145/3357384.3357925>
/// - Departures: numeric features take no part.
final class FieldAttention: UnaryLayer {
    static let kind = "field_attention"
    let name: String?
    private let layers: Int
    private let heads: Int
    private let units: Int

    init(layers: Int, heads: Int, units: Int, name: String) {
        self.layers = layers
        self.heads = heads
        self.units = units
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        guard layers >= 1, heads >= 1, units >= 1 else {
            throw GraphError(
                .outOfRange,
                "a size is out of range; expected at least 1; received \(layers) layers, \(heads) heads and \(units) units."
            )
        }
        let shape = context.graph.shape(of: inputs[0])
        var value = inputs[0]
        for layer in 1...layers {
            func mapped(
                _ name: String,
                _ context: inout ForwardContext
            ) throws(GraphError) -> Value {
                let dense = Dense(heads * units, useBias: false, name: "\(name)_\(layer)")
                return try context.call(dense, [value])[0]
            }
            // The paper's products are not scaled; the operation divides them by sqrt(U).
            let queries = try context.graph.apply(
                Scale(Float(units).squareRoot()),
                try mapped("queries", &context)
            )
            let keys = try mapped("keys", &context)
            let values = try mapped("values", &context)
            let attended = try context.graph.add(
                MotetGraph.Attention(heads: heads),
                [queries, keys, values]
            )[0]
            let residual = try mapped("residual", &context)
            let sum = try context.graph.apply(Arithmetic(.add), attended, residual)
            value = try context.graph.apply(MotetGraph.Activation(.relu), sum)
        }
        let width = (shape[1].fixedSize ?? 1) * heads * units
        return [try context.graph.apply(MotetGraph.Reshape([shape[0], .fixed(width)]), value)]
    }
}
