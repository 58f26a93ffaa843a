/// The sizes of a tensor, outermost first; elements are stored in row-major order.
public struct Shape: Hashable, Sendable, Codable, CustomStringConvertible {
    /// One size for each axis.
    public let dimensions: [Dimension]

    /// Creates a shape from its sizes.
    public init(_ dimensions: [Dimension]) { self.dimensions = dimensions }

    /// Creates a shape of constant sizes.
    public init(fixed sizes: [Int]) { dimensions = sizes.map(Dimension.fixed) }

    /// The shape of a single number.
    public static let scalar = Shape([])

    /// The number of axes.
    public var rank: Int { dimensions.count }

    /// The size along an axis.
    public subscript(axis: Int) -> Dimension { dimensions[axis] }

    /// The size of the last axis, or 1 for a scalar.
    public var last: Dimension { dimensions.last ?? .fixed(1) }

    /// The constant sizes, or nil when a size is known only at run time.
    public var fixedSizes: [Int]? {
        var sizes: [Int] = []
        for dimension in dimensions {
            guard let size = dimension.fixedSize else { return nil }
            sizes.append(size)
        }
        return sizes
    }

    /// The number of elements when all sizes are constant.
    public var fixedCount: Int? { fixedSizes.map { $0.reduce(1, *) } }

    /// The sizes once symbols are bound, or nil when a symbol has no value.
    ///
    /// - Parameter symbols: the value of every symbol.
    /// - Returns: one size for each axis.
    public func resolved(_ symbols: [SizeSymbol: Int]) -> [Int]? {
        var sizes: [Int] = []
        for dimension in dimensions {
            guard let size = dimension.resolved(symbols) else { return nil }
            sizes.append(size)
        }
        return sizes
    }

    /// The shape as it stands in messages: `[B, 64]`.
    public var description: String {
        "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
    }
}

extension Shape: ExpressibleByArrayLiteral {
    /// Creates a shape from its sizes.
    public init(arrayLiteral elements: Dimension...) { dimensions = elements }
}
