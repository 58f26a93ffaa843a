import MotetCore

/// The weight of each row in one task's loss: 0 where the row has no part in it.
///
/// A row takes part when its label is a number (NaN means missing) and, for a task within another's
/// sample space, when that parent label is 1. Inputs: the label, then as declared the sample weight,
/// then any number of parent labels.
///
/// - Shapes: every input and the output `[B]`
public struct SampleWeights: Operation {
    /// Whether the second input is a sample weight.
    public let isWeighted: Bool

    /// Creates the operation.
    public init(isWeighted: Bool) { self.isWeighted = isWeighted }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, (isWeighted ? 2 : 1)...(.max))
        for input in inputs { try expectSame(inputs[0], input) }
        return [inputs[0]]
    }
}
