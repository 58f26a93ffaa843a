import MotetCore
public import MotetGraph

/// A layer applied to each step of a sequence, with one set of weights for all steps.
///
/// The steps of all rows become rows of one batch, `[B T, ...]`, so that the layer runs once.
///
/// - Shapes: input `[B, T, ...]`; output `[B, T, ...]`, with what the layer makes of a step
public final class TimeDistributed: UnaryLayer {
    /// `time_distributed`.
    public static let kind = "time_distributed"
    /// The user's name.
    public let name: String?
    private let layer: any UnaryLayer

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - layer: what is applied to each step.
    ///   - name: a name for parameters and messages.
    public init(_ layer: any UnaryLayer, name: String? = nil) {
        self.layer = layer
        self.name = name
    }

    /// Applies the layer to each step.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let shape = context.graph.shape(of: inputs[0])
        guard shape.rank >= 2, let rows = Shape([shape[0], shape[1]]).elementCount else {
            throw GraphError(
                .shapeMismatch,
                "the input has the wrong shape; expected [B, T, ...]; received \(shape)."
            )
        }
        let flat = Shape([rows] + shape.dimensions.dropFirst(2))
        let steps = try context.graph.apply(MotetGraph.Reshape(flat), inputs[0])
        let made = try context.call(layer, [steps])[0]
        let result = context.graph.shape(of: made)
        guard result.rank >= 1, result[0] == rows else {
            throw GraphError(
                .shapeMismatch,
                "the layer does not keep its rows; expected [\(rows), ...]; received \(result)."
            )
        }
        let full = Shape([shape[0], shape[1]] + result.dimensions.dropFirst())
        return [try context.graph.apply(MotetGraph.Reshape(full), made)]
    }
}
