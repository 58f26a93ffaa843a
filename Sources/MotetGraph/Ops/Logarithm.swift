import MotetCore

/// `y = log(x)`, element by element, the natural logarithm.
public struct Logarithm: Operation {
    /// Creates the operation.
    public init() {}

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
        return [.dense(try graph.apply(Arithmetic(.divide), upstream, node.inputs[0]))]
    }
}
