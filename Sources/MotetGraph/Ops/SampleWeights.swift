import MotetCore

/// The weight of each row, or of each of its elements, in one task's loss: 0 where it has no part.
///
/// An element takes part when its label is a number (NaN means missing), its step is not padding, and,
/// for a task within another's sample space, that parent's label is 1. Where a row has several labels
/// that belong together, such as the sides of a box, all of them must be there.
///
/// Inputs: the labels, then as declared the sample weight `[B]` and the mask `[B, N]`, then any number
/// of parent labels `[B]`.
///
/// - Shapes: labels `[B]`, output `[B]`; or labels `[B, N]`, output `[B, N]` for each element and `[B]`
///   for each row
public struct SampleWeights: Operation {
    /// Whether the second input is a sample weight.
    public let isWeighted: Bool
    /// Whether a mask of steps follows.
    public let isMasked: Bool
    /// Whether labels `[B, N]` are weighed one by one.
    public let isPerElement: Bool

    /// Creates the operation.
    ///
    /// - Parameters:
    ///   - isWeighted: whether a sample weight is given.
    ///   - isMasked: whether a mask of steps is given.
    ///   - isPerElement: whether labels `[B, N]` are weighed one by one.
    public init(isWeighted: Bool, isMasked: Bool = false, isPerElement: Bool = false) {
        self.isWeighted = isWeighted
        self.isMasked = isMasked
        self.isPerElement = isPerElement
    }

    /// The position of the mask among the inputs.
    package var maskPosition: Int { isWeighted ? 2 : 1 }

    /// The position of the first parent label among the inputs.
    package var firstParent: Int { maskPosition + (isMasked ? 1 : 0) }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, firstParent...(.max))
        let labels = inputs[0]
        try expect(
            labels.dtype == .float32 && (labels.shape.rank == 1 || labels.shape.rank == 2),
            "labels have the wrong shape; expected [B] or [B, N]; received \(labels)."
        )
        let rows = TensorType(Shape([labels.shape[0]]))
        for (position, input) in inputs.enumerated().dropFirst() {
            let isMask = isMasked && position == maskPosition
            try expectSame(isMask ? labels : rows, input)
        }
        return [isPerElement ? labels : rows]
    }
}
