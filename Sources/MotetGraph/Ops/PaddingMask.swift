import MotetCore

/// 1 where an id is not 0, the id of padding, and 0 where it is.
///
/// - Shapes: ids `[B, T]`, int32; output `[B, T]`, float32
public struct PaddingMask: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        try expectIntegers(inputs[0], "ids")
        return [TensorType(inputs[0].shape)]
    }
}
