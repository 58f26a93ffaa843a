public import MotetCore

/// The recurrence of an LSTM over all steps, from gates that hold `x W + b` already.
///
/// With the gates' four parts in the order input, forget, cell, output, and `a = gates[t] + h R`:
/// `i = sigmoid(a_i)`, `f = sigmoid(a_f)`, `g = tanh(a_g)`, `o = sigmoid(a_o)`,
/// `c' = f c + i g`, `h' = o tanh(c')`. A step whose mask is 0 carries h and c over unchanged,
/// wherever it stands, so that the last state is that of the last valid step.
///
/// - Shapes: `B` batch, `T` time, `U` units
///   - inputs: gates `[B, T, 4U]`; R `[U, 4U]`; then as declared a mask `[B, T]` of 0 and 1, and the
///     first h and c, each `[B, U]` (zeros without them)
///   - outputs: h of every step `[B, T, U]`; the last h and the last c, `[B, U]`; and for the gradient c
///     of every step `[B, T, U]`, the gates after their functions `[B, T, 4U]`, and the h each step
///     started from `[B, T, U]`
/// - Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8), 1997; forget
///   gates: Gers, Schmidhuber and Cummins, Neural Computation 12(10), 2000.
public struct LSTMScan: Operation {
    /// Whether steps run from the last to the first.
    public let isReversed: Bool
    /// Whether there is a mask.
    public let isMasked: Bool
    /// Whether the first h and c are given.
    public let hasState: Bool

    /// Creates the operation.
    public init(isReversed: Bool = false, isMasked: Bool = false, hasState: Bool = false) {
        self.isReversed = isReversed
        self.isMasked = isMasked
        self.hasState = hasState
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        let sizes = try expectScan(
            inputs,
            gateCount: 4,
            biased: false,
            masked: isMasked,
            states: hasState ? 2 : 0
        )
        let (sequence, state) = (sizes.sequence, sizes.state)
        return [sequence, state, state, sequence, sizes.gates, sequence]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        try expectNoScanGradient(of: "kept cells and gates", outputGradients.dropFirst(3))
        let arriving = Array(outputGradients.prefix(3))
        guard arriving.contains(where: { $0 != nil }) else { return node.inputs.map { _ in nil } }
        let (cells, gates, previous) = (node.outputs[3], node.outputs[4], node.outputs[5])
        var inputs = [node.inputs[1], gates, cells]
        if isMasked { inputs.append(node.inputs[2]) }
        if hasState, let cell = node.inputs.last { inputs.append(cell) }
        for gradient in arriving { if let gradient { inputs.append(gradient) } }
        let rule = LSTMScanGradient(of: self, arriving: arriving.map { $0 != nil })
        let made = try graph.add(rule, inputs)
        let weight = try graph.recurrentWeightGradient(states: previous, gates: made[0])
        return [.dense(made[0]), .dense(weight)] + (isMasked ? [nil] : [])
            + (hasState ? [.dense(made[1]), .dense(made[2])] : [])
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, outputs[0].shape.last)
    }
}

/// Gradients of `LSTMScan` from `(R, gates after their functions, cells)`, the mask and the first c where
/// it has them, and the gradients that arrive at its sequence, last h and last c.
///
/// Gives those of the gates, `[B, T, 4U]`, and of the first h and c, `[B, U]`.
public struct LSTMScanGradient: Operation {
    /// Whether steps ran from the last to the first.
    public let isReversed: Bool
    /// Whether there is a mask.
    public let isMasked: Bool
    /// Whether the first c is given.
    public let hasState: Bool
    /// Which of sequence, last h and last c have a gradient.
    public let arriving: [Bool]

    /// Creates the operation.
    public init(of scan: LSTMScan, arriving: [Bool]) {
        isReversed = scan.isReversed
        isMasked = scan.isMasked
        hasState = scan.hasState
        self.arriving = arriving
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        let count =
            3 + (isMasked ? 1 : 0) + (hasState ? 1 : 0) + arriving.count(where: { $0 })
        try expectInputs(inputs, count...count)
        let state = TensorType([inputs[2].shape[0], inputs[2].shape.last])
        return [inputs[1], state, state]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(outputs[0].shape.elementCount, outputs[1].shape.last)
    }
}
