import MotetCore
public import MotetGraph

/// `f(x W + b)`.
///
/// - Shapes: input `[B, I]` (or `[B, ..., I]`), output `[B, U]` (or `[B, ..., U]`)
/// - Learned: `weight` `[I, U]`, He uniform before ReLU and Glorot uniform otherwise; `bias` `[U]`, zeros
public final class Dense: UnaryLayer {
    /// `dense`.
    public static let kind = "dense"
    /// The user's name.
    public let name: String?
    /// The width of the output, `U`.
    public let units: Int
    private let activation: LayerActivation
    private let useBias: Bool
    private let initializer: Initializer?

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - units: the width of the output, at least 1.
    ///   - activation: the function applied to the result.
    ///   - useBias: whether a bias is added.
    ///   - initializer: the weight's first values; by default those that suit the activation.
    ///   - name: a name for parameters and messages.
    public init(
        _ units: Int,
        activation: LayerActivation = .none,
        useBias: Bool = true,
        initializer: Initializer? = nil,
        name: String? = nil
    ) {
        self.units = units
        self.activation = activation
        self.useBias = useBias
        self.initializer = initializer
        self.name = name
    }

    /// Multiplies, adds the bias, applies the activation.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        guard units >= 1 else {
            throw GraphError(
                .outOfRange,
                "'units' is out of range; expected at least 1; received \(units)."
            )
        }
        let shape = context.graph.shape(of: inputs[0])
        guard shape.rank >= 2, let width = shape.last.fixedSize else {
            throw GraphError(
                .shapeMismatch,
                "the input has the wrong shape; expected [B, I]; received \(shape)."
            )
        }
        let weight = try context.parameter(
            "weight",
            shape: [width, units],
            initializer: initializer ?? activation.initializer
        )
        var value = inputs[0]
        if shape.rank > 2, let rows = shape.droppingLast.elementCount {
            value = try context.graph.apply(MotetGraph.Reshape([rows, .fixed(width)]), value)
        }
        value = try context.graph.apply(MatMul(), value, weight)
        if useBias {
            let bias = try context.parameter(
                "bias",
                shape: [units],
                initializer: .zeros,
                role: .bias
            )
            value = try context.graph.apply(AddBias(), value, bias)
        }
        value = try activation.apply(to: value, in: &context)
        if shape.rank > 2 {
            let full = shape.replacingLast(with: .fixed(units))
            value = try context.graph.apply(MotetGraph.Reshape(full), value)
        }
        return [value]
    }
}
