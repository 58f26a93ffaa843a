public import MotetCore

/// Normalises each row over its last axis: `y = gamma (x - mean) / sqrt(variance + eps) + beta`.
///
/// - Shapes: x `[..., U]`; gamma, beta `[U]`; outputs y as x, mean `[...]`, inverse standard
///   deviation `[...]`
/// - Source: Ba, Kiros and Hinton, "Layer Normalization", arXiv 1607.06450.
public struct LayerNormalization: Operation {
    /// What is added to the variance.
    public let epsilon: Float

    /// Creates the operation.
    public init(epsilon: Float) { self.epsilon = epsilon }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        try expectUnits(inputs)
        let rows = TensorType(inputs[0].shape.droppingLast)
        return [inputs[0], rows, rows]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        try expectNoGradient(of: "statistics", outputGradients.dropFirst())
        guard let upstream = outputGradients[0] else { return [nil, nil, nil] }
        let inputs = [upstream, node.inputs[0], node.inputs[1], node.outputs[1], node.outputs[2]]
        return try graph.add(LayerNormalizationGradient(), inputs).map(Gradient.dense)
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(outputs[0].shape.elementCount, 4)
    }
}

/// Gradients of `LayerNormalization` from `(dy, x, gamma, mean, inverse deviation)`:
/// `(dx, dgamma, dbeta)`.
public struct LayerNormalizationGradient: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 5...5)
        return [inputs[0], inputs[2], inputs[2]]
    }
}
