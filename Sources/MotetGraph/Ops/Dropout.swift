public import MotetCore

/// Zeros elements at random and scales the rest by `1 / (1 - rate)`.
///
/// Element *i* at step *t* is kept when the uniform number `RandomKey(key).split(t).bits(i)`, top 24
/// bits, is at least `rate`. The mask is recomputed for the gradient, never stored.
///
/// - Shapes: x `[...]`; step `[]`, int32; output as x
/// - Source: Srivastava et al., "Dropout", JMLR 15, 2014; the inverted form.
public struct Dropout: Operation {
    /// The share of elements zeroed, in `[0, 1)`.
    public let rate: Float
    /// The seed of this layer's masks.
    public let key: RandomKey

    /// Creates the operation.
    public init(rate: Float, key: RandomKey) {
        self.rate = rate
        self.key = key
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        try expectFloat(inputs[0])
        try expectIntegers(inputs[1], "step")
        try expect(
            rate >= 0 && rate < 1,
            .outOfRange,
            "'rate' is out of range; expected 0 up to but not 1; received \(rate)."
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
        return [.dense(try graph.apply(self, upstream, node.inputs[1])), nil]
    }
}
