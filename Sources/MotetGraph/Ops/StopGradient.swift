public import MotetCore

/// The value itself, as a constant: no gradient goes through it.
///
/// - Shapes: input and output of any one shape
public struct StopGradient: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        return inputs
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        [nil]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        .fixed(0)
    }
}
