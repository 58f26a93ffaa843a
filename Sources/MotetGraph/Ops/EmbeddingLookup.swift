public import MotetCore

/// Rows of a table by id, `y[i] = table[ids[i]]`.
///
/// An id outside the table reads row 0, "unknown".
///
/// - Shapes: table `[V, D]`; ids `[...]`, int32; output `[..., D]`
public struct EmbeddingLookup: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        try expectTable(inputs[0])
        try expectIntegers(inputs[1], "ids")
        return [TensorType(inputs[1].shape.appending(inputs[0].shape[1]))]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        let count = graph.shape(of: node.inputs[1]).elementCount ?? 0
        let width = graph.shape(of: node.inputs[0])[1]
        var (ids, rows) = (node.inputs[1], upstream)
        if graph.shape(of: ids).rank != 1 {
            ids = try graph.apply(Reshape([count]), ids)
            rows = try graph.apply(Reshape([count, width]), rows)
        }
        return [.rows([RowGradient(ids: ids, rows: rows)]), nil]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        .fixed(0)
    }
}

extension Operation {
    func expectTable(_ table: TensorType) throws(GraphError) {
        try expectFloat(table, "table")
        try expect(
            table.shape.rank == 2 && table.shape.fixedSizes != nil,
            "table has the wrong shape; expected [V, D]; received \(table.shape)."
        )
    }
}
