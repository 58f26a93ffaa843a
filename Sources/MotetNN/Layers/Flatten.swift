import MotetCore
public import MotetGraph

/// All numbers of a row one after another.
///
/// - Shapes: input `[B, ...]`, output `[B, I]` with `I` the product of the other sizes
public final class Flatten: UnaryLayer {
    /// `flatten`.
    public static let kind = "flatten"
    /// The user's name.
    public let name: String?

    /// Creates the layer.
    public init(name: String? = nil) { self.name = name }

    /// Changes the shape.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let shape = context.graph.shape(of: inputs[0])
        guard shape.rank >= 1, let count = Shape(Array(shape.dimensions.dropFirst())).fixedCount
        else {
            throw GraphError(
                .shapeMismatch,
                "the input has the wrong shape; expected constant sizes after the batch; received \(shape)."
            )
        }
        return [try context.graph.apply(MotetGraph.Reshape([shape[0], .fixed(count)]), inputs[0])]
    }
}
