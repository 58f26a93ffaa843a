public import MotetCore

/// A matrix product in which each group of rows has a weight of its own.
///
/// Rows `offsets[s] ..< offsets[s + 1]` are multiplied by `W[s]`: a scenario's own weights run on its
/// rows only. Rows at or after `offsets[S]` belong to no group: they give zeros without a bias, and
/// with a fused activation its value at 0, as the same operations do one by one.
///
/// - Shapes: `S` groups
///   - x: `[B, I]`, rows sorted by group
///   - weight: `[S, I, U]`, or `[S, U, I]` when transposed
///   - offsets: `[S + 1]`, int32, from 0, not decreasing
///   - bias: `[S, U]`, only when fused
///   - output: `[B, U]`
public struct GroupedMatMul: Operation {
    /// Whether the weight is stored as `[S, U, I]`.
    public let transposeWeight: Bool
    /// The function applied to the result; set by fusion.
    public var activation: ActivationKind?

    /// Creates the operation.
    public init(transposeWeight: Bool = false, activation: ActivationKind? = nil) {
        self.transposeWeight = transposeWeight
        self.activation = activation
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...4)
        try expectFloat(inputs[0])
        try expectIntegers(inputs[2], "offsets")
        let (input, weight) = (inputs[0].shape, inputs[1].shape)
        try expect(
            input.rank == 2 && weight.rank == 3,
            "operands have the wrong rank; expected [B, I] and [S, I, U]; received \(input) and \(weight)."
        )
        let (inner, units) = transposeWeight ? (weight[2], weight[1]) : (weight[1], weight[2])
        try expect(
            input.last == inner,
            "inner sizes disagree; expected equal sizes; received \(input) and \(weight)."
        )
        try expectGroups(inputs[2], weight)
        if inputs.count == 4 {
            try expect(
                inputs[3].shape == Shape([weight[0], units]),
                "bias has the wrong shape; expected [\(weight[0]), \(units)]; received \(inputs[3].shape)."
            )
        }
        return [TensorType([input[0], units])]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard activation == nil, node.inputs.count == 3 else {
            throw GraphError(.notDifferentiable, "GroupedMatMul: differentiate before fusion.")
        }
        guard let upstream = outputGradients[0] else { return [nil, nil, nil] }
        let (input, weight, offsets) = (node.inputs[0], node.inputs[1], node.inputs[2])
        let inputGradient = try graph.apply(
            GroupedMatMul(transposeWeight: !transposeWeight),
            upstream,
            weight,
            offsets
        )
        let groups = graph.shape(of: weight)[0].fixedSize ?? 0
        let rule = GroupedMatMulWeightGradient(groups: groups)
        let weightGradient =
            transposeWeight
            ? try graph.apply(rule, upstream, input, offsets)
            : try graph.apply(rule, input, upstream, offsets)
        return [.dense(inputGradient), .dense(weightGradient), nil]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(outputs[0].shape.elementCount, inputs[0].shape.last)
    }
}

/// The gradient of `GroupedMatMul` with respect to its weight: for each group `x^T dy` of its rows.
///
/// - Shapes: x `[B, I]`; dy `[B, U]`; offsets `[S + 1]`; output `[S, I, U]`, zero for empty groups
public struct GroupedMatMulWeightGradient: Operation {
    /// The number of groups.
    public let groups: Int

    /// Creates the operation.
    public init(groups: Int) { self.groups = groups }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        return [TensorType([.fixed(groups), inputs[0].shape.last, inputs[1].shape.last])]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, inputs[1].shape.last)
    }
}

extension Operation {
    /// Checks `offsets` of shape `[S + 1]` against a stack of `S`.
    func expectGroups(_ offsets: TensorType, _ stack: Shape) throws(GraphError) {
        let groups = stack[0].fixedSize ?? 0
        try expect(
            offsets.shape == Shape(fixed: [groups + 1]),
            "offsets have the wrong shape; expected [\(groups + 1)]; received \(offsets.shape)."
        )
    }
}
