public import MotetCore

/// The shape and element type of a value in a graph.
public struct TensorType: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The sizes.
    public let shape: Shape
    /// The element type.
    public let dtype: DType

    /// Creates a type.
    public init(_ shape: Shape, _ dtype: DType = .float32) {
        self.shape = shape
        self.dtype = dtype
    }

    /// The type as it stands in messages: `float32 [B, 64]`.
    public var description: String { "\(dtype.rawValue) \(shape)" }
}

extension Shape {
    /// The number of elements as one linear expression, or nil when two axes are symbolic.
    public var elementCount: Dimension? {
        var symbol: Dimension?
        var factor = 1
        for dimension in dimensions {
            if let size = dimension.fixedSize {
                factor *= size
            } else if symbol == nil {
                symbol = dimension
            } else {
                return nil
            }
        }
        guard let symbol, let name = symbol.symbol else { return .fixed(factor) }
        return .symbol(name, scale: symbol.scale * factor, offset: symbol.offset * factor)
    }

    /// This shape without its last axis.
    public var droppingLast: Shape { Shape(Array(dimensions.dropLast())) }

    /// This shape with another last size.
    public func replacingLast(with dimension: Dimension) -> Shape {
        Shape(dimensions.dropLast() + [dimension])
    }

    /// This shape with one more axis at the end.
    public func appending(_ dimension: Dimension) -> Shape { Shape(dimensions + [dimension]) }
}
