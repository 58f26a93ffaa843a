public import MotetCore

/// The same elements in the same order under another shape.
public struct Reshape: Operation {
    /// The shape of the result.
    public let shape: Shape

    /// Creates the operation.
    public init(_ shape: Shape) { self.shape = shape }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        try expect(
            inputs[0].shape.elementCount != nil
                && inputs[0].shape.elementCount == shape.elementCount,
            "sizes do not multiply to the same number; received \(inputs[0].shape) for \(shape)."
        )
        return [TensorType(shape, inputs[0].dtype)]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil] }
        return [.dense(try graph.apply(Reshape(graph.shape(of: node.inputs[0])), upstream))]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        .fixed(0)
    }
}

/// The elements with the axes in another order: axis *i* of the result is axis `permutation[i]`.
public struct Transpose: Operation {
    /// For each axis of the result, the axis of the input.
    public let permutation: [Int]

    /// Creates the operation.
    public init(_ permutation: [Int]) { self.permutation = permutation }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        let shape = inputs[0].shape
        try expect(
            permutation.sorted() == Array(0..<shape.rank),
            "not a permutation of the axes of \(shape); received \(permutation)."
        )
        return [TensorType(Shape(permutation.map { shape[$0] }), inputs[0].dtype)]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil] }
        var inverse = permutation
        for (axis, source) in permutation.enumerated() { inverse[source] = axis }
        return [.dense(try graph.apply(Transpose(inverse), upstream))]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        .fixed(0)
    }
}
