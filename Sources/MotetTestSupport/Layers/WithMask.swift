public import MotetGraph
public import MotetNN

/// A layer whose last input is the mask of another of its inputs.
///
/// It makes layers that read `context.mask(of:)` testable like others: parameters and result are those
/// of the layer inside.
public final class WithMask: Layer {
    /// `with_mask`.
    public static let kind = "with_mask"
    /// None: the harness names it.
    public let name: String? = nil
    private let layer: any Layer
    private let input: Int

    /// Wraps a layer.
    ///
    /// - Parameters:
    ///   - layer: the layer inside.
    ///   - input: which of its inputs the mask is of.
    public init(_ layer: any Layer, input: Int = 0) {
        self.layer = layer
        self.input = input
    }

    /// Sets the mask and runs the layer.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        context.setMask(inputs[inputs.count - 1], of: inputs[input])
        return try layer.forward(Array(inputs.dropLast()), in: &context)
    }
}
