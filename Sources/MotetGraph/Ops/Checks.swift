import MotetCore

// Sentences shared by the shape rules. They name the operation; layers add their own name in front.

extension Operation {
    func expect(
        _ condition: Bool,
        _ code: ErrorCode,
        _ message: @autoclosure () -> String
    ) throws(GraphError) {
        guard condition else { throw GraphError(code, "\(Self.name): \(message())") }
    }

    func expect(
        _ condition: Bool,
        _ message: @autoclosure () -> String
    ) throws(GraphError) {
        try expect(condition, .shapeMismatch, message())
    }

    func expectInputs(_ inputs: [TensorType], _ counts: ClosedRange<Int>) throws(GraphError) {
        let expected =
            counts.lowerBound == counts.upperBound
            ? "\(counts.lowerBound)"
            : counts.upperBound == .max
                ? "\(counts.lowerBound) or more" : "\(counts.lowerBound) to \(counts.upperBound)"
        try expect(
            counts.contains(inputs.count),
            "wrong number of inputs; expected \(expected); received \(inputs.count)."
        )
    }

    func expectFloat(_ input: TensorType, _ what: String = "input") throws(GraphError) {
        try expect(
            input.dtype == .float32,
            .typeMismatch,
            "\(what) has the wrong type; expected float32; received \(input)."
        )
    }

    func expectIntegers(_ input: TensorType, _ what: String) throws(GraphError) {
        try expect(
            input.dtype == .int32,
            .typeMismatch,
            "\(what) has the wrong type; expected int32; received \(input)."
        )
    }

    /// Refuses to differentiate outputs that are by-products, rather than lose their gradients.
    func expectNoGradient(
        of what: String,
        _ outputGradients: ArraySlice<Value?>
    ) throws(GraphError) {
        try expect(
            outputGradients.allSatisfy { $0 == nil },
            .notDifferentiable,
            "no gradient rule for the \(what); expected a loss over the first output only."
        )
    }

    func expectSame(_ left: TensorType, _ right: TensorType) throws(GraphError) {
        try expect(
            left == right,
            "inputs disagree; expected equal shapes and types; received \(left) and \(right)."
        )
    }

    func expectScalar(_ input: TensorType, _ what: String) throws(GraphError) {
        try expect(
            input.shape.rank == 0,
            "\(what) has the wrong shape; expected a single number []; received \(input.shape)."
        )
    }
}
