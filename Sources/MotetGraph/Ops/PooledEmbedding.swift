import MotetCore

/// How the rows of a multi-valued feature become one vector.
public enum Pooling: String, Hashable, Sendable, Codable, CaseIterable {
    /// The sum of the rows; zeros for an empty list.
    case sum
    /// The mean of the rows; zeros for an empty list.
    case mean
}

/// The sum or mean of table rows over ragged lists of ids.
///
/// List *b* holds `values[offsets[b] ..< offsets[b + 1]]`. An id outside the table reads row 0.
///
/// - Shapes: table `[V, D]`; values `[N]`, int32; offsets `[B + 1]`, int32; output `[B, D]`
public struct PooledEmbedding: Operation {
    /// Sum or mean.
    public let pooling: Pooling

    /// Creates the operation.
    public init(_ pooling: Pooling) { self.pooling = pooling }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        try expectTable(inputs[0])
        try expectIntegers(inputs[1], "values")
        try expectIntegers(inputs[2], "offsets")
        let offsets = inputs[2].shape
        try expect(
            inputs[1].shape.rank == 1 && offsets.rank == 1,
            "ids have the wrong shape; expected values [N] and offsets [B + 1]; received \(inputs[1].shape) and \(offsets)."
        )
        let lists = offsets[0]
        let count =
            lists.symbol.map { .symbol($0, scale: lists.scale, offset: lists.offset - 1) }
            ?? Dimension.fixed(lists.offset - 1)
        return [TensorType([count, inputs[0].shape[1]])]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil, nil, nil] }
        let (values, offsets) = (node.inputs[1], node.inputs[2])
        let rule = PooledEmbeddingGradient(pooling)
        let rows = try graph.apply(rule, upstream, values, offsets)
        return [.rows([RowGradient(ids: values, rows: rows)]), nil, nil]
    }
}

/// Spreads the gradient of each pooled vector over its list: from `(dy, values, offsets)` to `[N, D]`.
public struct PooledEmbeddingGradient: Operation {
    /// Sum or mean.
    public let pooling: Pooling

    /// Creates the operation.
    public init(_ pooling: Pooling) { self.pooling = pooling }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        return [TensorType([inputs[1].shape[0], inputs[0].shape.last])]
    }
}
