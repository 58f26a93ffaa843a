public import MotetCore

/// Normalises each unit over the rows of the batch: `y = gamma (x - mean) / sqrt(variance + eps) + beta`.
///
/// - Shapes: x `[B, U]`; gamma, beta `[U]`; outputs y `[B, U]`, batch mean `[U]`, biased batch
///   variance `[U]`
/// - Source: Ioffe and Szegedy, "Batch Normalization", ICML 2015, algorithm 1.
public struct BatchNormalization: Operation {
    /// What is added to the variance.
    public let epsilon: Float

    /// Creates the operation.
    public init(epsilon: Float) { self.epsilon = epsilon }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        try expectUnits(inputs)
        return [inputs[0], inputs[1], inputs[1]]
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
        let made = try graph.add(BatchNormalizationGradient(epsilon: epsilon), inputs)
        return made.map(Gradient.dense)
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(outputs[0].shape.elementCount, 4)
    }
}

/// Gradients of `BatchNormalization` from `(dy, x, gamma, mean, variance)`: `(dx, dgamma, dbeta)`.
public struct BatchNormalizationGradient: Operation {
    /// What is added to the variance.
    public let epsilon: Float

    /// Creates the operation.
    public init(epsilon: Float) { self.epsilon = epsilon }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 5...5)
        return [inputs[0], inputs[2], inputs[2]]
    }
}

/// Normalises each unit with statistics kept from training: inputs `(x, gamma, beta, mean, variance)`.
public struct BatchNormalizationInference: Operation {
    /// What is added to the variance.
    public let epsilon: Float

    /// Creates the operation.
    public init(epsilon: Float) { self.epsilon = epsilon }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 5...5)
        try expectUnits(inputs)
        return [inputs[0]]
    }
}

/// `new = momentum * old + (1 - momentum) * value`: running statistics.
public struct ExponentialAverage: Operation {
    /// The share kept of the old value.
    public let momentum: Float

    /// Creates the operation.
    public init(momentum: Float) { self.momentum = momentum }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        try expectSame(inputs[0], inputs[1])
        return [inputs[0]]
    }
}

extension Operation {
    /// Checks that every input after the first is a vector over the first one's last axis.
    func expectUnits(_ inputs: [TensorType]) throws(GraphError) {
        let units = Shape([inputs[0].shape.last])
        for input in inputs.dropFirst() {
            try expect(
                input.shape == units,
                "parameters have the wrong shape; expected \(units); received \(input.shape)."
            )
        }
    }
}
