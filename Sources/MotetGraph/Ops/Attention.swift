public import MotetCore

/// Scaled dot-product attention: for each head, `softmax(q k^T / sqrt(d)) v`.
///
/// A key whose mask is 0 is not seen; a query that sees no key gets zeros.
///
/// - Shapes: `H` heads of width `d`
///   - queries: `[B, Tq, H d]`
///   - keys and values: `[B, Tk, H d]`
///   - mask, optional: `[B, Tk]`, 0 or 1
///   - output: `[B, Tq, H d]`
///   - probabilities: `[B, H, Tq, Tk]`, only when kept for the gradient
/// - Source: Vaswani et al., "Attention Is All You Need", NeurIPS 2017, section 3.2.
public struct Attention: Operation {
    /// The most keys a query may have.
    public static let maximumKeys = 8192

    /// The number of heads, `H`.
    public let heads: Int
    /// Whether query *t* sees keys 0 to *t* only.
    public let isCausal: Bool
    /// Whether the probabilities are a second result.
    public var keepsProbabilities: Bool

    /// Creates the operation.
    public init(heads: Int, isCausal: Bool = false, keepsProbabilities: Bool = true) {
        self.heads = heads
        self.isCausal = isCausal
        self.keepsProbabilities = keepsProbabilities
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...4)
        for input in inputs { try expectFloat(input) }
        let (queries, keys, values) = (inputs[0].shape, inputs[1].shape, inputs[2].shape)
        try expect(
            queries.rank == 3 && keys.rank == 3 && queries[0] == keys[0]
                && queries[2] == keys[2] && keys == values,
            "inputs disagree; expected queries [B, Tq, U], keys and values [B, Tk, U]; received \(queries), \(keys) and \(values)."
        )
        let units = queries[2].fixedSize ?? 0
        try expect(
            heads >= 1 && units >= 1 && units % heads == 0,
            .outOfRange,
            "'heads' is out of range; expected a divisor of \(queries[2]); received \(heads)."
        )
        let keyCount = keys[1].fixedSize ?? 0
        try expect(
            queries[1].fixedSize ?? 0 >= 1 && (1...Attention.maximumKeys).contains(keyCount),
            "a length is out of range; expected constant lengths, at most \(Attention.maximumKeys) keys; received \(queries) and \(keys)."
        )
        if inputs.count == 4 {
            try expect(
                inputs[3].shape == Shape([keys[0], keys[1]]),
                "mask has the wrong shape; expected [\(keys[0]), \(keys[1])]; received \(inputs[3].shape)."
            )
        }
        let kept = TensorType([queries[0], .fixed(heads), queries[1], keys[1]])
        return keepsProbabilities ? [inputs[0], kept] : [inputs[0]]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        try expectNoGradient(of: "probabilities", outputGradients.dropFirst())
        guard let upstream = outputGradients[0] else { return node.inputs.map { _ in nil } }
        try expect(
            keepsProbabilities,
            .notDifferentiable,
            "no gradient without the probabilities; expected an operation that keeps them."
        )
        let made = try graph.add(
            AttentionGradient(heads: heads),
            [upstream] + node.inputs.prefix(3) + [node.outputs[1]]
        )
        return made.map(Gradient.dense) + (node.inputs.count == 4 ? [nil] : [])
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, .fixed(2 * (inputs[1].shape[1].fixedSize ?? 0)))
    }
}

/// Gradients of `Attention` from `(dy, queries, keys, values, probabilities)`: those of the queries,
/// keys and values.
///
/// With `dP = dy v^T` and `dS = P (dP - sum(dP P))`: `dq = dS k / sqrt(d)`, `dk = dS^T q / sqrt(d)`,
/// `dv = P^T dy`.
public struct AttentionGradient: Operation {
    /// The number of heads.
    public let heads: Int

    /// Creates the operation.
    public init(heads: Int) { self.heads = heads }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 5...5)
        try expectSame(inputs[0], inputs[1])
        return Array(inputs[1...3])
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, .fixed(4 * (inputs[2].shape[1].fixedSize ?? 0)))
    }
}
