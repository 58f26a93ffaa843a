import MotetCore

/// Adds up gradient rows that name the same row of a table.
///
/// Ids keep the order of their first occurrence, and sums run in the order of occurrence, so the result
/// does not depend on the number of threads. Ids outside the table count as row 0.
///
/// - Shapes: inputs are pairs `ids [N_i]`, int32, and `rows [N_i, D]`, with `N` the sum of `N_i`
///   - unique ids: `[N]`, int32, of which the first `count` are meant
///   - sums: `[N, D]`, likewise
///   - count: `[]`, int32
public struct CombineRows: Operation {
    /// The rows of the table.
    public let vocabularySize: Int

    /// Creates the operation.
    public init(vocabularySize: Int) { self.vocabularySize = vocabularySize }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expect(
            inputs.count >= 2 && inputs.count.isMultiple(of: 2),
            "wrong number of inputs; expected pairs of ids and rows; received \(inputs.count)."
        )
        var total: Dimension?
        for pair in stride(from: 0, to: inputs.count, by: 2) {
            try expectIntegers(inputs[pair], "ids")
            try expectFloat(inputs[pair + 1], "rows")
            let (ids, rows) = (inputs[pair].shape, inputs[pair + 1].shape)
            try expect(
                ids.rank == 1 && rows.rank == 2 && ids[0] == rows[0]
                    && rows[1] == inputs[1].shape[1],
                "inputs disagree; expected ids [N] and rows [N, D]; received \(ids) and \(rows)."
            )
            total = total.map { $0.plus(ids[0]) } ?? ids[0]
        }
        let count = total ?? 0
        return [
            TensorType([count], .int32), TensorType([count, inputs[1].shape[1]]),
            TensorType(.scalar, .int32),
        ]
    }
}

extension Dimension {
    /// The sum of two sizes.
    ///
    /// Different symbols join under a name of their own, whose size is the sum.
    func plus(_ other: Dimension) -> Dimension {
        guard let symbol else {
            return other.symbol.map {
                .symbol($0, scale: other.scale, offset: other.offset + offset)
            } ?? .fixed(offset + other.offset)
        }
        guard let otherSymbol = other.symbol else {
            return .symbol(symbol, scale: scale, offset: offset + other.offset)
        }
        if symbol == otherSymbol {
            return .symbol(symbol, scale: scale + other.scale, offset: offset + other.offset)
        }
        return .symbol(SizeSymbol.sum(self, other))
    }
}

/// A table's gradient in full: zeros but for the rows named, from `(ids, sums, count)` to `[V, D]`.
public struct DenseRows: Operation {
    /// The rows of the table.
    public let vocabularySize: Int

    /// Creates the operation.
    public init(vocabularySize: Int) { self.vocabularySize = vocabularySize }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        return [TensorType([.fixed(vocabularySize), inputs[1].shape[1]])]
    }
}
