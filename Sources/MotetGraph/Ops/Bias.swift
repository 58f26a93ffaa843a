public import MotetCore

/// Adds a vector to every row: `y = x + bias`.
///
/// - Shapes:
///   - x: `[..., U]` with bias `[U]`; or `[E, B, U]` with a bias `[E, U]` for each slice
///   - output: as x
public struct AddBias: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        try expectFloat(inputs[0])
        let (input, bias) = (inputs[0].shape, inputs[1].shape)
        let fits =
            bias == Shape([input.last])
            || (input.rank == 3 && bias == Shape([input[0], input.last]))
        try expect(
            fits,
            "bias has the wrong shape; expected [\(input.last)], or one for each slice; received \(bias) for \(input)."
        )
        return [inputs[0]]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        let stacked = graph.shape(of: node.inputs[1]).rank == 2
        return [
            .dense(upstream), .dense(try graph.apply(SumRows(stacked: stacked), upstream)),
        ]
    }
}

/// Sums over rows: `[..., U]` to `[U]`, or `[E, B, U]` to `[E, U]` when stacked.
public struct SumRows: Operation {
    /// Whether the first axis is kept.
    public let stacked: Bool

    /// Creates the operation.
    public init(stacked: Bool) { self.stacked = stacked }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        try expectFloat(inputs[0])
        let shape = inputs[0].shape
        try expect(
            shape.rank >= (stacked ? 3 : 1),
            "input has the wrong rank; expected rows of units; received \(shape)."
        )
        return [TensorType(stacked ? [shape[0], shape.last] : [shape.last])]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        inputs[0].shape.elementCount ?? .fixed(0)
    }
}

/// Adds to each row the bias of its group; rows of no group stay as they are.
///
/// - Shapes: x `[B, U]`, rows sorted by group; bias `[S, U]`; offsets `[S + 1]`, int32; output `[B, U]`
public struct GroupedAddBias: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        try expectIntegers(inputs[2], "offsets")
        try expect(
            inputs[0].shape.rank == 2 && inputs[1].shape.rank == 2
                && inputs[0].shape.last == inputs[1].shape.last,
            "bias has the wrong shape; expected [S, \(inputs[0].shape.last)]; received \(inputs[1].shape)."
        )
        try expectGroups(inputs[2], inputs[1].shape)
        return [inputs[0]]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil, nil, nil] }
        let groups = graph.shape(of: node.inputs[1])[0].fixedSize ?? 0
        let bias = try graph.apply(GroupedSumRows(groups: groups), upstream, node.inputs[2])
        return [.dense(upstream), .dense(bias), nil]
    }
}

/// Sums the rows of each group: x `[B, U]` and offsets `[S + 1]` to `[S, U]`.
public struct GroupedSumRows: Operation {
    /// The number of groups.
    public let groups: Int

    /// Creates the operation.
    public init(groups: Int) { self.groups = groups }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        try expectIntegers(inputs[1], "offsets")
        return [TensorType([.fixed(groups), inputs[0].shape.last])]
    }
}
