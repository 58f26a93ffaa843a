public import MotetCore

/// Normalises each unit over the rows of each group: `y = gamma_s (x - mean_s) / sqrt(variance_s + eps) + beta_s`.
///
/// Rows at or after `offsets[S]` belong to no group and give zeros.
///
/// - Shapes: `S` groups
///   - x: `[B, U]`, rows sorted by group
///   - gamma, beta: `[S, U]`
///   - offsets: `[S + 1]`, int32, from 0, not decreasing
///   - outputs: y `[B, U]`, means `[S, U]`, biased variances `[S, U]`; both 0 for an empty group
/// - Source: Sheng et al., "One Model to Serve All: Star Topology Adaptive Recommender for Multi-Domain CTR
///   Prediction", CIKM 2021, section 3.3, eq. 3, with `gamma_s` and `beta_s` for its products and sums.
///   <https://doi.org/10.1145/3459637.3481941>
public struct GroupedNormalization: Operation {
    /// What is added to the variance.
    public let epsilon: Float

    /// Creates the operation.
    public init(epsilon: Float) { self.epsilon = epsilon }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 4...4)
        for input in inputs.dropLast() { try expectFloat(input) }
        try expectIntegers(inputs[3], "offsets")
        try expect(
            inputs[0].shape.rank == 2 && inputs[1].shape.rank == 2
                && inputs[1].shape.last == inputs[0].shape.last
                && inputs[2].shape == inputs[1].shape,
            "parameters have the wrong shape; expected [S, \(inputs[0].shape.last)] twice; received \(inputs[1].shape) and \(inputs[2].shape)."
        )
        try expectGroups(inputs[3], inputs[1].shape)
        return [inputs[0], inputs[1], inputs[1]]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        try expectNoGradient(of: "statistics", outputGradients.dropFirst())
        guard let upstream = outputGradients[0] else { return [nil, nil, nil, nil] }
        let made = try graph.add(
            GroupedNormalizationGradient(epsilon: epsilon),
            [
                upstream, node.inputs[0], node.inputs[1], node.outputs[1], node.outputs[2],
                node.inputs[3],
            ]
        )
        return made.map(Gradient.dense) + [nil]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(outputs[0].shape.elementCount, 4)
    }
}

/// Gradients of `GroupedNormalization` from `(dy, x, gamma, means, variances, offsets)`: `(dx, dgamma, dbeta)`.
public struct GroupedNormalizationGradient: Operation {
    /// What is added to the variance.
    public let epsilon: Float

    /// Creates the operation.
    public init(epsilon: Float) { self.epsilon = epsilon }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 6...6)
        return [inputs[0], inputs[2], inputs[2]]
    }
}
