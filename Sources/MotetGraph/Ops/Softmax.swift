public import MotetCore

/// `exp(x) / sum exp(x)` over the last axis, computed after subtracting the greatest element.
public struct Softmax: Operation {
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
        return inputs
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil] }
        return [.dense(try graph.apply(SoftmaxGradient(), upstream, node.outputs[0]))]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(outputs[0].shape.elementCount, 2)
    }
}

/// `dx = y * (dy - sum(dy * y))` over the last axis, from `(dy, y)`.
public struct SoftmaxGradient: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        try expectSame(inputs[0], inputs[1])
        return [inputs[0]]
    }
}
