public import MotetCore

/// Vectors of lists that stand one after the other as sequences of one length, the last ones at the end.
///
/// List *b* has the rows `offsets[b] ..< offsets[b + 1]`. Step `t` of its sequence is the row that many before the
/// list's end as `t` is before the sequence's: `y[b, length - k] = rows[offsets[b + 1] - k]` for `k = 1, 2, ...`. Steps before
/// the list's first are zeros. With a `shift`, the row read is that many further on, around the end of all rows.
///
/// - Shapes: rows `[N, D]`; offsets `[B + 1]`, int32; outputs y `[B, length, D]`, and `[B, length]` with 1 where a step is
///   of the list and 0 where it is padding
public struct PadLists: Operation {
    /// The steps of every sequence; of longer lists the last ones are taken.
    public let length: Int
    /// How much further on the rows are that are read.
    public let shift: Int

    /// Creates the operation.
    public init(length: Int, shift: Int = 0) {
        self.length = length
        self.shift = shift
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        try expectFloat(inputs[0])
        try expectIntegers(inputs[1], "offsets")
        let (rows, offsets) = (inputs[0].shape, inputs[1].shape)
        try expect(
            rows.rank == 2 && rows[1].fixedSize != nil && offsets.rank == 1,
            "inputs have the wrong shape; expected rows [N, D] and offsets [B + 1]; received \(rows) and \(offsets)."
        )
        try expect(
            length >= 1 && shift >= 0,
            .outOfRange,
            "'length' or 'shift' is out of range; expected at least 1 and 0; received \(length) and \(shift)."
        )
        let count = offsets[0].plus(.fixed(-1))
        return [
            TensorType([count, .fixed(length), rows[1]]), TensorType([count, .fixed(length)]),
        ]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        let rule = PadListsGradient(of: self)
        return [.dense(try graph.apply(rule, upstream, node.inputs[0], node.inputs[1])), nil]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        .fixed(0)
    }
}

/// The gradient of `PadLists` at its rows, `[N, D]`, from `(dy, rows, offsets)`; only the shape of the rows is read.
///
/// A row that no step read has zeros.
public struct PadListsGradient: Operation {
    /// The steps of every sequence.
    public let length: Int
    /// How much further on the rows are that were read.
    public let shift: Int

    /// Creates the operation.
    public init(of operation: PadLists) {
        length = operation.length
        shift = operation.shift
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        return [inputs[1]]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        .fixed(0)
    }
}
