public import MotetCore

/// The weighted mean of `log sum exp(x) - x[label]` over the rows of weight above 0.
///
/// - Shapes: logits `[B, C]`; labels `[B]`, float32 holding whole numbers `0 ..< C`; weights `[B]`;
///   outputs the loss `[]` and the sum of weights `[]`
public struct CategoricalCrossEntropy: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        let logits = inputs[0].shape
        try expect(
            logits.rank == 2 && inputs[1].shape == Shape([logits[0]]) && inputs[1] == inputs[2],
            "inputs disagree; expected logits [B, C], labels [B] and weights [B]; received \(logits), \(inputs[1].shape) and \(inputs[2].shape)."
        )
        return [TensorType(.scalar), TensorType(.scalar)]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        try expectNoGradient(of: "sum of weights", outputGradients.dropFirst())
        guard let upstream = outputGradients[0] else { return [nil, nil, nil] }
        let inputs = node.inputs + [node.outputs[1], upstream]
        return [.dense(try graph.add(CategoricalCrossEntropyGradient(), inputs)[0]), nil, nil]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, 2)
    }
}

/// The gradient of `CategoricalCrossEntropy` with respect to the logits, from
/// `(logits, labels, weights, sum, upstream)`.
public struct CategoricalCrossEntropyGradient: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 5...5)
        return [inputs[0]]
    }
}
