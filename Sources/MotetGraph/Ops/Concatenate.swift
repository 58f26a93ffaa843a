public import MotetCore

/// Joins values along one axis.
public struct Concatenate: Operation {
    /// The axis along which sizes add up.
    public let axis: Int

    /// Creates the operation.
    public init(axis: Int) { self.axis = axis }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...(.max))
        let first = inputs[0]
        try expect(
            axis >= 0 && axis < first.shape.rank,
            .outOfRange,
            "'axis' is out of range; expected 0 to \(first.shape.rank - 1); received \(axis)."
        )
        var size = 0
        for input in inputs {
            let sizes = input.shape.dimensions
            let agrees =
                input.dtype == first.dtype && sizes.count == first.shape.rank
                && sizes.indices.allSatisfy { $0 == axis || sizes[$0] == first.shape[$0] }
            try expect(
                agrees,
                "inputs disagree; expected equal sizes on every axis but \(axis); received \(first.shape) and \(input.shape)."
            )
            try expect(
                sizes[axis].fixedSize != nil,
                "axis \(axis) has no constant size; received \(input.shape)."
            )
            size += sizes[axis].fixedSize ?? 0
        }
        var sizes = first.shape.dimensions
        sizes[axis] = .fixed(size)
        return [TensorType(Shape(sizes), first.dtype)]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return node.inputs.map { _ in nil } }
        let sizes = node.inputs.map { graph.shape(of: $0)[axis].fixedSize ?? 0 }
        return try graph.add(Split(axis: axis, sizes: sizes), [upstream]).map(Gradient.dense)
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        .fixed(0)
    }
}

/// Cuts a value along one axis into pieces of the given sizes.
public struct Split: Operation {
    /// The axis that is cut.
    public let axis: Int
    /// The sizes of the pieces.
    public let sizes: [Int]

    /// Creates the operation.
    public init(axis: Int, sizes: [Int]) {
        self.axis = axis
        self.sizes = sizes
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        let shape = inputs[0].shape
        try expect(
            axis >= 0 && axis < shape.rank && shape[axis].fixedSize == sizes.reduce(0, +),
            "sizes do not fill axis \(axis); expected them to add up to its size; received \(sizes) for \(shape)."
        )
        return sizes.map { size in
            var dimensions = shape.dimensions
            dimensions[axis] = .fixed(size)
            return TensorType(Shape(dimensions), inputs[0].dtype)
        }
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        let zero = graph.constant(Tensor(zeros: []))
        var pieces: [Value] = []
        for (piece, output) in zip(outputGradients, node.outputs) {
            if let piece {
                pieces.append(piece)
            } else {
                // Zeros even where the output is not finite, which a product with 0 would not be.
                let like = BroadcastLike(graph.shape(of: output))
                pieces.append(try graph.apply(like, zero, output))
            }
        }
        return [.dense(try graph.add(Concatenate(axis: axis), pieces)[0])]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        .fixed(0)
    }
}
