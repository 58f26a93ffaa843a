import MotetCore
public import MotetGraph

/// The corners of boxes that are given by their centre and size.
///
/// `x0 = cx - w / 2`, `y0 = cy - h / 2`, `x1 = cx + w / 2`, `y1 = cy + h / 2`.
///
/// - Shapes: input `[B, 4]` as `cx, cy, w, h`, output `[B, 4]` as `x0, y0, x1, y1`
public final class BoxCorners: UnaryLayer {
    /// `box_corners`.
    public static let kind = "box_corners"
    /// The user's name.
    public let name: String?

    /// Creates the layer.
    public init(name: String? = nil) { self.name = name }

    /// Computes the corners.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let shape = context.graph.shape(of: inputs[0])
        guard shape.rank == 2, shape[1] == 4 else {
            throw GraphError(
                .shapeMismatch,
                "the input has the wrong shape; expected boxes [B, 4]; received \(shape)."
            )
        }
        let map: [Float] = [
            1, 0, 1, 0,
            0, 1, 0, 1,
            -0.5, 0, 0.5, 0,
            0, -0.5, 0, 0.5,
        ]
        let corners = context.graph.constant(Tensor(map, shape: [4, 4]))
        return [try context.graph.apply(MatMul(), inputs[0], corners)]
    }
}
