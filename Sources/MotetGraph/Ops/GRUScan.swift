public import MotetCore

/// The recurrence of a GRU over all steps, from gates that hold `x W + b` already.
///
/// With the gates' three parts in the order reset, update, new, and `s = h R + d`:
/// `r = sigmoid(a_r + s_r)`, `z = sigmoid(a_z + s_z)`, `n = tanh(a_n + r s_n)`,
/// `h' = (1 - z) n + z h`. The reset gate is applied after the product, as in cuDNN, PyTorch and Keras'
/// default. A step whose mask is 0 carries h over unchanged, wherever it stands. With attention, a number e for
/// each step, `h' = (1 - e (1 - z)) h + e (1 - z) n`: an attentional update gate `e (1 - z)` (AUGRU).
///
/// - Shapes: `B` batch, `T` time, `U` units
///   - inputs: gates a `[B, T, 3U]`; R `[U, 3U]`; d `[3U]`; then as declared a mask `[B, T]` of 0 and 1,
///     attention `[B, T]`, and the first h `[B, U]` (zeros without it)
///   - outputs: h of every step `[B, T, U]`; the last h `[B, U]`; and for the gradient the gates after
///     their functions `[B, T, 3U]`, `s_n` `[B, T, U]`, and the h each step started from `[B, T, U]`
/// - Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", EMNLP 2014; the
///   order of the reset gate: Appleyard, Kocisky and Blunsom, arXiv 1604.01946; attention: Zhou et al., "Deep
///   Interest Evolution Network for Click-Through Rate Prediction", AAAI 2019.
public struct GRUScan: Operation {
    /// Whether steps run from the last to the first.
    public let isReversed: Bool
    /// Whether there is a mask.
    public let isMasked: Bool
    /// Whether the first h is given.
    public let hasState: Bool
    /// Whether each step moves the state by a share of its own only.
    public let hasAttention: Bool

    /// Creates the operation.
    public init(
        isReversed: Bool = false,
        isMasked: Bool = false,
        hasState: Bool = false,
        hasAttention: Bool = false
    ) {
        self.isReversed = isReversed
        self.isMasked = isMasked
        self.hasState = hasState
        self.hasAttention = hasAttention
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        let sizes = try expectScan(
            inputs,
            gateCount: 3,
            biased: true,
            masked: isMasked,
            attended: hasAttention,
            states: hasState ? 1 : 0
        )
        return [sizes.sequence, sizes.state, sizes.gates, sizes.sequence, sizes.sequence]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        try expectNoScanGradient(of: "kept gates", outputGradients.dropFirst(2))
        let arriving = Array(outputGradients.prefix(2))
        guard arriving.contains(where: { $0 != nil }) else { return node.inputs.map { _ in nil } }
        let (gates, candidates, previous) = (node.outputs[2], node.outputs[3], node.outputs[4])
        var inputs = [node.inputs[1], gates, candidates, previous]
        let more = (isMasked ? 1 : 0) + (hasAttention ? 1 : 0)
        inputs += node.inputs[3..<(3 + more)]
        for gradient in arriving { if let gradient { inputs.append(gradient) } }
        let rule = GRUScanGradient(of: self, arriving: arriving.map { $0 != nil })
        let made = try graph.add(rule, inputs)
        let weight = try graph.recurrentWeightGradient(states: previous, gates: made[1])
        let bias = try graph.apply(SumRows(stacked: false), made[1])
        var gradients: [Gradient?] = [.dense(made[0]), .dense(weight), .dense(bias)]
        if isMasked { gradients.append(nil) }
        if hasAttention { gradients.append(.dense(made[3])) }
        if hasState { gradients.append(.dense(made[2])) }
        return gradients
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, outputs[0].shape.last)
    }
}

/// Gradients of `GRUScan` from `(R, gates after their functions, s_n, previous h)`, the mask and the attention
/// where it has them, and the gradients that arrive at its sequence and last h.
///
/// Gives those of the gates and of `s = h R + d`, both `[B, T, 3U]`, of the first h, `[B, U]`, and of the attention
/// where it has one, `[B, T]`.
public struct GRUScanGradient: Operation {
    /// Whether steps ran from the last to the first.
    public let isReversed: Bool
    /// Whether there is a mask.
    public let isMasked: Bool
    /// Whether each step moves the state by a share of its own only.
    public let hasAttention: Bool
    /// Which of sequence and last h have a gradient.
    public let arriving: [Bool]

    /// Creates the operation.
    public init(of scan: GRUScan, arriving: [Bool]) {
        isReversed = scan.isReversed
        isMasked = scan.isMasked
        hasAttention = scan.hasAttention
        self.arriving = arriving
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        let more = (isMasked ? 1 : 0) + (hasAttention ? 1 : 0)
        let count = 4 + more + arriving.count(where: { $0 })
        try expectInputs(inputs, count...count)
        let state = TensorType([inputs[3].shape[0], inputs[3].shape.last])
        let attention = TensorType(inputs[3].shape.droppingLast)
        return [inputs[1], inputs[1], state] + (hasAttention ? [attention] : [])
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(outputs[0].shape.elementCount, outputs[2].shape.last)
    }
}
