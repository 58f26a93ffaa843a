import MotetCore

/// The softmax of each user's item among all items of the batch, corrected for how often each was drawn.
///
/// With `s_ij = scale u_i . v_j - log q_j`, where `q_j` is the probability that a row of the batch holds the
/// item of row *j*, row *i* costs `log sum_j exp(s_ij) - s_ii`. An item that many rows hold would else be
/// pushed down as often as it is drawn. Where `masksRepeats`, `s_ij` is minus infinity for `j != i` of the
/// same id: an item is not set against itself.
///
/// A row of weight 0 asks nothing, but its item is a candidate of the others.
///
/// - Shapes: `D` the dimension
///   - users and items: `[B, D]`
///   - ids of the items: `[B]`, int32
///   - log sampling probabilities and weights: `[B]`
///   - outputs: the weighted mean `[]`, the sum of weights `[]`, and for the gradient the normalisers
///     `log sum_j exp(s_ij)` `[B]`, 0 where the weight is
/// - Cost: `2 B^2 D`, twice that again for each gradient; no matrix `[B, B]` is ever held.
/// - Source: Yi, Yang, Hong, Cheng, Heldt, Kumthekar, Zhao, Wei and Chi, "Sampling-Bias-Corrected Neural
///   Modeling for Large Corpus Item Recommendations", RecSys 2019.
///   <https://doi.org/10.1145/3298689.3346996>
/// - Departures: the mask of repeats, which the paper does not have; the mean is over the sum of weights,
///   not the rows.
public struct InBatchSoftmax: Operation {
    /// What inner products are multiplied by: 1 over the temperature.
    public let scale: Float
    /// Whether an item's other occurrences in the batch are no candidates.
    public let masksRepeats: Bool

    /// Creates the operation.
    public init(scale: Float, masksRepeats: Bool = true) {
        self.scale = scale
        self.masksRepeats = masksRepeats
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 5...5)
        try expect(
            scale.isFinite && scale > 0,
            .outOfRange,
            "'scale' is out of range; expected a finite number above 0; received \(scale)."
        )
        try expectFloat(inputs[0], "users")
        try expectIntegers(inputs[2], "ids")
        let users = inputs[0].shape
        try expect(
            users.rank == 2 && users.last.fixedSize != nil && inputs[1] == inputs[0],
            "inputs disagree; expected users [B, D] and as many items; received \(inputs[0]) and \(inputs[1])."
        )
        let column = TensorType([users[0]])
        try expect(
            inputs[2].shape == column.shape && inputs[3] == column && inputs[4] == column,
            "inputs disagree; expected ids, log probabilities and weights \(column.shape); received \(inputs[2].shape), \(inputs[3].shape) and \(inputs[4].shape)."
        )
        return [TensorType(.scalar), TensorType(.scalar), column]
    }

    /// The gradient rule: of users and items.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        try expectNoGradient(of: "sum of weights and the normalisers", outputGradients.dropFirst())
        guard let upstream = outputGradients[0] else { return node.inputs.map { _ in nil } }
        let made = try graph.add(
            InBatchSoftmaxGradient(scale: scale, masksRepeats: masksRepeats),
            node.inputs + [node.outputs[1], node.outputs[2], upstream]
        )
        return made.map(Gradient.dense) + [nil, nil, nil]
    }
}

/// The gradients of `InBatchSoftmax` with respect to users and items, from
/// `(users, items, ids, log probabilities, weights, sum, normalisers, upstream)`.
///
/// With `p_ij = exp(s_ij - normaliser_i)` and `g_ij = scale upstream w_i / sum (p_ij - [i = j])`:
/// `du_i = sum_j g_ij v_j` and `dv_j = sum_i g_ij u_i`.
public struct InBatchSoftmaxGradient: Operation {
    /// What inner products are multiplied by.
    public let scale: Float
    /// Whether an item's other occurrences in the batch are no candidates.
    public let masksRepeats: Bool

    /// Creates the operation.
    public init(scale: Float, masksRepeats: Bool) {
        self.scale = scale
        self.masksRepeats = masksRepeats
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 8...8)
        try expectSame(inputs[0], inputs[1])
        try expectSame(inputs[4], inputs[6])
        try expectScalar(inputs[7], "upstream gradient")
        return Array(inputs.prefix(2))
    }
}
