import MotetCore

// What the recurrences over the steps of a sequence have in common: sizes, and their checks.

/// The sizes of a recurrence of `gateCount` gates.
struct ScanSizes {
    /// Gates of all steps, `[B, T, G U]`.
    let gates: TensorType
    /// One vector a step, `[B, T, U]`.
    let sequence: TensorType
    /// One vector a row, `[B, U]`.
    let state: TensorType

    /// Every step as a row of a matrix, `[B T, width]`.
    static func matrix(_ shape: Shape) -> Shape {
        Shape([shape.droppingLast.elementCount ?? 0, shape.last])
    }
}

extension Operation {
    /// Checks the inputs of a recurrence.
    func expectScan(
        _ inputs: [TensorType],
        gateCount: Int,
        biased: Bool,
        masked: Bool,
        attended: Bool = false,
        states: Int
    ) throws(GraphError) -> ScanSizes {
        let count = 2 + (biased ? 1 : 0) + (masked ? 1 : 0) + (attended ? 1 : 0) + states
        try expectInputs(inputs, count...count)
        for input in inputs { try expectFloat(input) }
        let gates = inputs[0].shape
        guard gates.rank == 3, gates[1].fixedSize != nil, let width = gates.last.fixedSize,
            width > 0, width % gateCount == 0
        else {
            throw GraphError(
                .shapeMismatch,
                "\(Self.name): gates have the wrong shape; expected [B, T, \(gateCount)U]; received \(gates)."
            )
        }
        let units = width / gateCount
        try expectScanInput(inputs[1], Shape(fixed: [units, width]), "the recurrent weight")
        if biased { try expectScanInput(inputs[2], Shape(fixed: [width]), "the recurrent bias") }
        let state = Shape([gates[0], .fixed(units)])
        if masked { try expectScanInput(inputs[biased ? 3 : 2], gates.droppingLast, "the mask") }
        if attended {
            let place = 2 + (biased ? 1 : 0) + (masked ? 1 : 0)
            try expectScanInput(inputs[place], gates.droppingLast, "the attention")
        }
        for input in inputs.suffix(states) {
            try expectScanInput(input, state, "an initial state")
        }
        return ScanSizes(
            gates: inputs[0],
            sequence: TensorType(gates.replacingLast(with: .fixed(units))),
            state: TensorType(state)
        )
    }

    private func expectScanInput(
        _ input: TensorType,
        _ shape: Shape,
        _ what: String
    ) throws(GraphError) {
        try expect(
            input.shape == shape,
            "\(what) has the wrong shape; expected \(shape); received \(input.shape)."
        )
    }

    /// Refuses gradients of what a recurrence only keeps for its own gradient.
    func expectNoScanGradient(
        of what: String,
        _ outputGradients: ArraySlice<Value?>
    ) throws(GraphError) {
        try expect(
            outputGradients.allSatisfy { $0 == nil },
            .notDifferentiable,
            "no gradient rule for the \(what); expected a loss over the sequence or the last state."
        )
    }
}

extension GraphBuilder {
    /// The gradient of a recurrent weight: one product over all steps of all rows.
    mutating func recurrentWeightGradient(
        states previous: Value,
        gates gradient: Value
    ) throws(GraphError) -> Value {
        let states = try apply(Reshape(ScanSizes.matrix(shape(of: previous))), previous)
        let gates = try apply(Reshape(ScanSizes.matrix(shape(of: gradient))), gradient)
        return try apply(MatMul(transposeLeft: true), states, gates)
    }
}
