public import MotetCore

/// `y = a b`, with either side transposed, and after fusion `y = f(a b + bias)`.
///
/// - Shapes:
///   - a: `[M, K]`, or `[K, M]` when transposed
///   - b: `[K, N]`, or `[N, K]` when transposed
///   - bias: `[N]`, only when fused
///   - output: `[M, N]`
public struct MatMul: Operation {
    /// Whether `a` is stored as `[K, M]`.
    public let transposeLeft: Bool
    /// Whether `b` is stored as `[N, K]`.
    public let transposeRight: Bool
    /// The function applied to the result; set by fusion.
    public var activation: ActivationKind?

    /// Creates the operation.
    public init(
        transposeLeft: Bool = false,
        transposeRight: Bool = false,
        activation: ActivationKind? = nil
    ) {
        self.transposeLeft = transposeLeft
        self.transposeRight = transposeRight
        self.activation = activation
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...3)
        for input in inputs { try expectFloat(input) }
        let (left, right) = (inputs[0].shape, inputs[1].shape)
        try expect(
            left.rank == 2 && right.rank == 2,
            "operands have the wrong rank; expected two matrices; received \(left) and \(right)."
        )
        let (rows, inner) = transposeLeft ? (left[1], left[0]) : (left[0], left[1])
        let (innerRight, columns) = transposeRight ? (right[1], right[0]) : (right[0], right[1])
        try expect(
            inner == innerRight,
            "inner sizes disagree; expected equal sizes; received \(left) and \(right)."
        )
        if inputs.count == 3 {
            try expect(
                inputs[2].shape == Shape([columns]),
                "bias has the wrong shape; expected [\(columns)]; received \(inputs[2].shape)."
            )
        }
        return [TensorType([rows, columns])]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard activation == nil, node.inputs.count == 2 else {
            throw GraphError(.notDifferentiable, "MatMul: differentiate before fusion.")
        }
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        let (left, right) = (node.inputs[0], node.inputs[1])
        let leftGradient =
            transposeLeft
            ? try graph.apply(
                MatMul(transposeLeft: transposeRight, transposeRight: true),
                right,
                upstream
            )
            : try graph.apply(MatMul(transposeRight: !transposeRight), upstream, right)
        let rightGradient =
            transposeRight
            ? try graph.apply(
                MatMul(transposeLeft: true, transposeRight: transposeLeft),
                upstream,
                left
            )
            : try graph.apply(MatMul(transposeLeft: !transposeLeft), left, upstream)
        return [.dense(leftGradient), .dense(rightGradient)]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        let inner = transposeLeft ? inputs[0].shape[0] : inputs[0].shape[1]
        return product(outputs[0].shape.elementCount, inner)
    }
}

/// FLOPs of a contraction: two for each output element and each step of the inner size.
func product(_ elements: Dimension?, _ inner: Dimension) -> Dimension {
    guard let elements else { return .fixed(0) }
    if let size = inner.fixedSize {
        guard let symbol = elements.symbol else { return .fixed(2 * elements.offset * size) }
        return .symbol(symbol, scale: 2 * elements.scale * size, offset: 2 * elements.offset * size)
    }
    guard let size = elements.fixedSize, let symbol = inner.symbol else { return .fixed(0) }
    return .symbol(symbol, scale: 2 * size * inner.scale, offset: 2 * size * inner.offset)
}
