import MotetCore

/// Each row at length 1: `y = x / max(sqrt(sum x^2), 1e-12)` over the last axis.
///
/// - Shapes: x `[..., U]`; outputs y as x, and what the row was multiplied by `[...]`
public struct L2Normalization: Operation {
    /// The least length a row is divided by.
    public static let leastLength = 1e-12

    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        try expectFloat(inputs[0])
        try expect(
            inputs[0].shape.rank >= 1 && inputs[0].shape.last.fixedSize != nil,
            "input has the wrong shape; expected a last axis of constant size; received \(inputs[0].shape)."
        )
        return [inputs[0], TensorType(inputs[0].shape.droppingLast)]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        try expectNoGradient(of: "factors", outputGradients.dropFirst())
        guard let upstream = outputGradients[0] else { return [nil] }
        let inputs = [upstream, node.outputs[0], node.outputs[1]]
        return try graph.add(L2NormalizationGradient(), inputs).map(Gradient.dense)
    }
}

/// The gradient of `L2Normalization` from `(dy, y, factor)`: `dx = factor (dy - y sum(dy y))`.
public struct L2NormalizationGradient: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        try expectSame(inputs[0], inputs[1])
        return [inputs[0]]
    }
}
