public import MotetCore

extension Operation {
    /// The batch, steps and channels of a sequence and the mask that goes with it.
    fileprivate func expectSequence(_ inputs: [TensorType]) throws(GraphError) {
        try expectInputs(inputs, 2...2)
        try expectFloat(inputs[0])
        try expectFloat(inputs[1], "mask")
        let (shape, mask) = (inputs[0].shape, inputs[1].shape)
        try expect(
            shape.rank == 3 && mask == shape.droppingLast && shape[1].fixedSize != nil
                && shape[2].fixedSize != nil,
            "inputs disagree; expected sequences [B, T, C] and a mask [B, T]; received \(shape) and \(mask)."
        )
    }
}

/// The mean of each channel over the steps a mask keeps; zeros for a row of which it keeps none.
///
/// - Shapes: x `[B, T, C]`; mask `[B, T]` of 0 and 1; output `[B, C]`. Steps of mask 0 are not read.
public struct MaskedMean: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectSequence(inputs)
        return [TensorType([inputs[0].shape[0], inputs[0].shape[2]])]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        return [.dense(try graph.apply(MaskedMeanGradient(), upstream, node.inputs[1])), nil]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        inputs[0].shape.elementCount ?? .fixed(0)
    }
}

/// The gradient of `MaskedMean` with respect to x, from `(dy, mask)`.
public struct MaskedMeanGradient: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        return [TensorType(inputs[1].shape.appending(inputs[0].shape.last))]
    }
}

/// The greatest of each channel over the steps a mask keeps; zeros for a row of which it keeps none.
///
/// - Shapes: x `[B, T, C]`; mask `[B, T]` of 0 and 1; outputs y `[B, C]` and the step of each, int32,
///   -1 for none
public struct MaskedMax: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectSequence(inputs)
        let shape: Shape = [inputs[0].shape[0], inputs[0].shape[2]]
        return [TensorType(shape), TensorType(shape, .int32)]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        try expectNoGradient(of: "steps", outputGradients.dropFirst())
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        let steps = graph.shape(of: node.inputs[0])[1].fixedSize ?? 0
        let operation = MaskedMaxGradient(steps: steps)
        return [.dense(try graph.apply(operation, upstream, node.outputs[1])), nil]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        inputs[0].shape.elementCount ?? .fixed(0)
    }
}

/// The gradient of `MaskedMax` with respect to x, from `(dy, steps)`.
public struct MaskedMaxGradient: Operation {
    /// The number of steps, `T`.
    public let steps: Int

    /// Creates the operation.
    public init(steps: Int) { self.steps = steps }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        let shape = inputs[0].shape
        return [TensorType([shape[0], .fixed(steps), shape.last])]
    }
}
