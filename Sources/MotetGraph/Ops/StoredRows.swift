public import MotetCore

/// Rows of a table of results computed beforehand, by id: `y[b] = f(table[ids[b]] + bias)`.
///
/// With slices a row of the table holds one after the other what the slices of a stack have of it, so that a row is read
/// from one place: `y[e, b] = f(table[ids[b], e * U ..< (e + 1) * U] + bias[e])`. An id outside the table reads row 0.
/// It stands only in programs that answer, and has no gradient.
///
/// - Shapes:
///   - table: `[V, U]`, or `[V, E * U]`
///   - ids: `[B]`, int32
///   - bias: `[U]` or `[E, U]`, only when fused
///   - output: `[B, U]`, or `[E, B, U]`
public struct StoredRows: Operation {
    /// The number of slices; nil where rows are those of a matrix.
    public let slices: Int?
    /// The function applied to the result; set by fusion.
    public var activation: ActivationKind?

    /// Creates the operation.
    public init(slices: Int? = nil, activation: ActivationKind? = nil) {
        self.slices = slices
        self.activation = activation
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...3)
        try expectTable(inputs[0])
        try expectIntegers(inputs[1], "ids")
        let (width, ids) = (inputs[0].shape[1].fixedSize ?? 0, inputs[1].shape)
        try expect(ids.rank == 1, "ids have the wrong shape; expected [B]; received \(ids).")
        let count = slices ?? 1
        try expect(
            count > 0 && width % count == 0,
            "the table's width is no multiple of the slices; expected one of \(count); received \(width)."
        )
        let units = Dimension.fixed(width / max(count, 1))
        if inputs.count == 3 {
            let expected: Shape = slices == nil ? [units] : [.fixed(count), units]
            try expect(
                inputs[2].shape == expected,
                "bias has the wrong shape; expected \(expected); received \(inputs[2].shape)."
            )
        }
        return [TensorType(slices == nil ? [ids[0], units] : [.fixed(count), ids[0], units])]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        .fixed(0)
    }
}
