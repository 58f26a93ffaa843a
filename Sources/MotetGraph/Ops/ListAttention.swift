import MotetCore

/// Attention inside lists that stand one after the other, without padding: for each list and head,
/// `softmax(q k^T / sqrt(d)) v` over the list's own positions.
///
/// It answers only: there is no gradient. ``Attention`` over equal lengths has one.
///
/// - Shapes: queries, keys and values `[N, H d]`; offsets `[B + 1]`, int32, list *b* holds positions
///   `offsets[b] ..< offsets[b + 1]`; output `[N, H d]`, where positions of no list keep whatever they
///   held and mean nothing
public struct ListAttention: Operation {
    /// The number of heads, `H`.
    public let heads: Int

    /// Creates the operation.
    public init(heads: Int) { self.heads = heads }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 4...4)
        for input in inputs.prefix(3) { try expectFloat(input) }
        try expectIntegers(inputs[3], "offsets")
        let shape = inputs[0].shape
        try expect(
            shape.rank == 2 && inputs[1].shape == shape && inputs[2].shape == shape
                && inputs[3].shape.rank == 1,
            "inputs disagree; expected queries, keys and values [N, U] and offsets [B + 1]; received \(shape), \(inputs[1].shape), \(inputs[2].shape) and \(inputs[3].shape)."
        )
        let units = shape.last.fixedSize ?? 0
        try expect(
            heads >= 1 && units >= 1 && units % heads == 0,
            .outOfRange,
            "'heads' is out of range; expected a divisor of \(shape.last); received \(heads)."
        )
        return [inputs[0]]
    }
}
