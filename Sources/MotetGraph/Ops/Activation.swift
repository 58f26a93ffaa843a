import MotetCore

/// `y = f(x)`, element by element.
public struct Activation: Operation {
    /// The function.
    public let kind: ActivationKind

    /// Creates the operation.
    public init(_ kind: ActivationKind) { self.kind = kind }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        try expectFloat(inputs[0])
        return inputs
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil] }
        let saved = kind.differentiatesFromOutput ? node.outputs[0] : node.inputs[0]
        return [.dense(try graph.apply(ActivationGradient(kind), upstream, saved))]
    }
}

/// `dx = dy * f'(x)`, from `dy` and either `x` or `y` (`ActivationKind.differentiatesFromOutput`).
public struct ActivationGradient: Operation {
    /// The function whose derivative is taken.
    public let kind: ActivationKind

    /// Creates the operation.
    public init(_ kind: ActivationKind) { self.kind = kind }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        try expectSame(inputs[0], inputs[1])
        return [inputs[0]]
    }
}
