import MotetCore

/// `x` where positive, else `slope * x` with a learnt slope for each unit of the last axis.
///
/// - Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, eq. 1.
public struct PReLU: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        try expectFloat(inputs[0])
        try expect(
            inputs[1].shape == Shape([inputs[0].shape.last]),
            "slope has the wrong shape; expected [\(inputs[0].shape.last)]; received \(inputs[1].shape)."
        )
        return [inputs[0]]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        let made = try graph.add(PReLUGradient(), [upstream, node.inputs[0], node.inputs[1]])
        return [.dense(made[0]), .dense(made[1])]
    }
}

/// Gradients of `PReLU` from `(dy, x, slope)`: `(dx, dslope)`.
public struct PReLUGradient: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        try expectSame(inputs[0], inputs[1])
        return [inputs[0], inputs[2]]
    }
}
