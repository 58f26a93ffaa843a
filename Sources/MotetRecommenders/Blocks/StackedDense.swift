import MotetCore
import MotetGraph
import MotetNN

/// Several dense layers of one size side by side: experts, towers or gates in one operation.
///
/// Slice *e* computes `f(x[source_e] W[e] + b[e])`. Activations are expert-major, `[E, B, U]`: each slice
/// is one contiguous matrix, which the matrix products of later layers read at full speed.
///
/// - Shapes: input `[B, I]`, read by every slice, or `[G, B, I]`; output `[E, B, U]`
/// - Learned: `weight` `[E, I, U]`; `bias` `[E, U]`, zeros
final class StackedDense: Layer {
    static let kind = "stacked_dense"
    let name: String?
    private let units: Int
    private let sources: [Int]
    private let activation: LayerActivation
    private let useBias: Bool

    /// Creates the layer; `sources` has for each slice the slice of the input it reads.
    init(
        _ units: Int,
        sources: [Int],
        activation: LayerActivation = .none,
        useBias: Bool = true,
        name: String
    ) {
        self.units = units
        self.sources = sources
        self.activation = activation
        self.useBias = useBias
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let shape = context.graph.shape(of: inputs[0])
        guard let width = shape.last.fixedSize, shape.rank == 2 || shape.rank == 3 else {
            throw GraphError(
                .shapeMismatch,
                "the input has the wrong shape; expected [B, I] or [G, B, I]; received \(shape)."
            )
        }
        let weight = try context.parameter(
            "weight",
            shape: [sources.count, width, units],
            initializer: activation == .relu ? .heUniform : .glorotUniform
        )
        var value = try context.graph.apply(StackedMatMul(sources: sources), inputs[0], weight)
        if useBias {
            let bias = try context.parameter(
                "bias",
                shape: [sources.count, units],
                initializer: .zeros,
                role: .bias
            )
            value = try context.graph.apply(AddBias(), value, bias)
        }
        return [try activation.apply(to: value, in: &context)]
    }
}

/// A stack of multilayer perceptrons of one shape.
///
/// - Shapes: input `[B, I]` or `[G, B, I]`; output `[E, B, U]` with U the last of `units`
final class StackedPerceptron: Layer {
    static let kind = "stacked_perceptron"
    let name: String?
    private let layers: [StackedDense]
    private let dropout: [MotetNN.Dropout]

    init(
        _ units: [Int],
        sources: [Int],
        activation: LayerActivation,
        dropout rate: Float,
        name: String
    ) {
        self.name = name
        layers = units.enumerated().map { index, width in
            StackedDense(
                width,
                sources: index == 0 ? sources : Array(sources.indices),
                activation: activation,
                name: "dense_\(index + 1)"
            )
        }
        dropout =
            rate > 0 ? units.indices.map { MotetNN.Dropout(rate, name: "dropout_\($0 + 1)") } : []
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        var value = inputs[0]
        for (index, layer) in layers.enumerated() {
            value = try context.call(layer, [value])[0]
            if index < dropout.count { value = try context.call(dropout[index], [value])[0] }
        }
        return [value]
    }
}
