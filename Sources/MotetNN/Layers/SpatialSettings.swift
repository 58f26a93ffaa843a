import MotetCore
public import MotetGraph

/// A size for rows and columns: one number for both, or `Size2D(rows, columns)`.
public protocol Size2DConvertible: Sendable {
    /// The height and width it stands for.
    var size2D: Size2D { get }
}

extension Int: Size2DConvertible {
    /// The same both ways.
    public var size2D: Size2D { Size2D(self, self) }
}

extension Size2D: Size2DConvertible {
    /// Itself.
    public var size2D: Size2D { self }
}

/// What stands around an image or a sequence where a window reaches over its edge.
public enum PaddingMode: Hashable, Sendable {
    /// Nothing: the window stays inside.
    case valid
    /// As much that there are `ceil(size / stride)` windows; what is odd goes below and to the right.
    case same
    /// A number of rows and columns on all sides.
    case all(Int)
    /// Numbers of rows and columns for each side.
    case each(Padding2D)

    /// The rows and columns on each side.
    func padding(
        _ image: Size2D,
        window: Size2D,
        strides: Size2D,
        dilations: Size2D = Size2D(1, 1)
    ) -> Padding2D {
        switch self {
        case .valid: return Padding2D()
        case .same:
            // Sizes out of range are refused by the operation, with a sentence.
            let fits = [window, strides, dilations].allSatisfy { $0.height > 0 && $0.width > 0 }
            guard fits else { return Padding2D() }
            return .same(image, window: window, strides: strides, dilations: dilations)
        case .all(let sides): return Padding2D(all: sides)
        case .each(let padding): return padding
        }
    }

    /// The same for a sequence, which is an image of one row.
    func alongSequence() -> PaddingMode {
        switch self {
        case .valid, .same: self
        case .all(let sides): .each(Padding2D(left: sides, right: sides))
        case .each(let padding): .each(Padding2D(left: padding.left, right: padding.right))
        }
    }
}

/// The sizes of images `[B, H, W, C]`.
func imageSizes(_ shape: Shape) throws(GraphError) -> (size: Size2D, channels: Int) {
    guard shape.rank == 4,
        let sizes = Shape(Array(shape.dimensions.dropFirst())).fixedSizes
    else {
        throw GraphError(
            .shapeMismatch,
            "the input has the wrong shape; expected images [B, H, W, C]; received \(shape)."
        )
    }
    return (Size2D(sizes[0], sizes[1]), sizes[2])
}

/// A sequence `[B, T, C]` as an image of one row, `[B, 1, T, C]`.
func sequenceAsImage(
    _ input: Value,
    in context: inout ForwardContext
) throws(GraphError) -> Value {
    let shape = context.graph.shape(of: input)
    guard shape.rank == 3, Shape(Array(shape.dimensions.dropFirst())).fixedSizes != nil else {
        throw GraphError(
            .shapeMismatch,
            "the input has the wrong shape; expected sequences [B, T, C]; received \(shape)."
        )
    }
    return try context.graph.apply(
        MotetGraph.Reshape([shape[0], 1, shape[1], shape[2]]),
        input
    )
}

/// An image of one row as the sequence it is.
func imageAsSequence(
    _ image: Value,
    in context: inout ForwardContext
) throws(GraphError) -> Value {
    let shape = context.graph.shape(of: image)
    return try context.graph.apply(MotetGraph.Reshape([shape[0], shape[2], shape[3]]), image)
}
