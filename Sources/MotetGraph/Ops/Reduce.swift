public import MotetCore

/// The mean over one axis, which is dropped.
public struct Mean: Operation {
    /// The axis averaged over.
    public let axis: Int

    /// Creates the operation.
    public init(axis: Int) { self.axis = axis }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        try expectFloat(inputs[0])
        let shape = inputs[0].shape
        try expect(
            axis >= 0 && axis < shape.rank && shape[axis].fixedSize != nil,
            .outOfRange,
            "'axis' is out of range; expected an axis of constant size; received \(axis) for \(shape)."
        )
        var sizes = shape.dimensions
        sizes.remove(at: axis)
        return [TensorType(Shape(sizes))]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil] }
        let input = graph.shape(of: node.inputs[0])
        var sizes = input.dimensions
        let count = sizes[axis].fixedSize ?? 1
        sizes[axis] = 1
        let scaled = try graph.apply(Scale(1 / Float(count)), upstream)
        let kept = try graph.apply(Reshape(Shape(sizes)), scaled)
        return [.dense(try graph.apply(BroadcastLike(input), kept, node.inputs[0]))]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        inputs[0].shape.elementCount ?? .fixed(0)
    }
}
