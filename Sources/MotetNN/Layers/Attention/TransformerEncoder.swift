import MotetCore
public import MotetGraph

/// One block of a transformer encoder: attention within the sequence, then two dense layers at each
/// position, each with a residual and a normalisation.
///
/// `.after` (as BERT): `h = N1(x + A(x))`, `y = N2(h + F(h))`; `.before`: `h = x + A(N1(x))`,
/// `y = h + F(N2(h))`, with `F(h) = f(h W1 + b1) W2 + b2`.
///
/// - Shapes: input and output `[B, T, I]`; the mask of the input goes on with the output
/// - Learned: `attention/...` as of ``MultiHeadAttention``; `hidden/weight` `[I, U]`, `hidden/bias`;
///   `output/weight` `[U, I]`, `output/bias`; `attention_normalization/...` and
///   `output_normalization/...` as of ``LayerNormalization``
/// - Source: Vaswani et al., "Attention Is All You Need", NeurIPS 2017, section 3.1; `.before`: Xiong et
///   al., "On Layer Normalization in the Transformer Architecture", ICML 2020.
public final class TransformerEncoder: UnaryLayer {
    /// Where a block normalises.
    public enum NormalizationPlace: Sendable {
        /// After adding the residual, as the original and BERT do.
        case after
        /// Before attention and before the dense layers.
        case before
    }

    /// `transformer_encoder`.
    public static let kind = "transformer_encoder"
    /// The user's name.
    public let name: String?
    private let hiddenUnits: Int
    private let activation: LayerActivation
    private let place: NormalizationPlace
    private let attention: MultiHeadAttention
    private let normalizations: [LayerNormalization]
    private let dropouts: [Dropout?]

    /// Creates the block.
    ///
    /// - Parameters:
    ///   - heads: the number of heads; must divide the width of the input.
    ///   - hiddenUnits: the width of the first dense layer, usually `4 I`.
    ///   - activation: the function of the first dense layer.
    ///   - normalization: where the block normalises.
    ///   - dropout: the share of elements dropped from what is added to the residuals, while training.
    ///   - epsilon: what normalisations add to the variance.
    ///   - isCausal: whether a position sees only itself and those before it.
    ///   - name: a name for parameters and messages.
    public init(
        heads: Int,
        hiddenUnits: Int,
        activation: LayerActivation = .gelu,
        normalization: NormalizationPlace = .after,
        dropout: Float = 0,
        epsilon: Float = 1e-12,
        isCausal: Bool = false,
        name: String? = nil
    ) {
        self.hiddenUnits = hiddenUnits
        self.activation = activation
        self.name = name
        place = normalization
        attention = MultiHeadAttention(heads: heads, isCausal: isCausal, name: "attention")
        normalizations = ["attention_normalization", "output_normalization"].map {
            LayerNormalization(epsilon: epsilon, name: $0)
        }
        dropouts = ["attention_dropout", "output_dropout"].map { name in
            dropout == 0 ? nil : Dropout(dropout, name: name)
        }
    }

    /// Attends and transforms.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        guard hiddenUnits >= 1 else {
            throw GraphError(
                .outOfRange,
                "'hiddenUnits' is out of range; expected at least 1; received \(hiddenUnits)."
            )
        }
        let mask = context.mask(of: inputs[0])
        let attended = try residual(inputs[0], 0, in: &context) {
            value,
            context throws(GraphError) in
            context.setMask(mask, of: value)
            return try context.call(self.attention, [value])[0]
        }
        let output = try residual(attended, 1, in: &context) { value, context throws(GraphError) in
            try self.dense(value, in: &context)
        }
        context.setMask(mask, of: output)
        return [output]
    }

    /// Adds what a part makes of a value to the value, and normalises before or after.
    private func residual(
        _ value: Value,
        _ part: Int,
        in context: inout ForwardContext,
        _ body: (Value, inout ForwardContext) throws(GraphError) -> Value
    ) throws(GraphError) -> Value {
        let input =
            place == .before ? try context.call(normalizations[part], [value])[0] : value
        var made = try body(input, &context)
        if let dropout = dropouts[part] { made = try context.call(dropout, [made])[0] }
        let sum = try context.graph.apply(AddN(), value, made)
        return place == .after ? try context.call(normalizations[part], [sum])[0] : sum
    }

    private func dense(
        _ value: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let shape = context.graph.shape(of: value)
        let hidden = try context.linear(
            "hidden",
            context.flattened(value),
            units: hiddenUnits,
            initializer: activation.initializer
        )
        let active = try activation.apply(to: hidden, in: &context)
        let output = try context.linear("output", active, units: shape.last.fixedSize ?? 0)
        return try context.graph.apply(MotetGraph.Reshape(shape), output)
    }
}
