/// The name of a size that is known only when a program runs, such as the rows of a batch.
public struct SizeSymbol: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The letter or name shown in shapes, such as `B`.
    public let name: String
    /// The sizes this one is the sum of; empty for a size of its own.
    public let parts: [Dimension]

    /// Creates a symbol; two symbols with the same name are the same size.
    public init(_ name: String) {
        self.name = name
        parts = []
    }

    private init(sumOf parts: [Dimension]) {
        name = parts.map(\.description).joined(separator: "+")
        self.parts = parts
    }

    /// The symbol that stands for a sum of sizes of different symbols, such as `N.history+N.basket`.
    public static func sum(_ left: Dimension, _ right: Dimension) -> SizeSymbol {
        SizeSymbol(sumOf: [left, right])
    }

    /// The rows of a batch, `B`.
    public static let batch = SizeSymbol("B")

    /// The name itself.
    public var description: String { name }
}

/// One size of a shape: a constant, or `scale * symbol + offset`.
public struct Dimension: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The size known at run time, or nil for a constant.
    public let symbol: SizeSymbol?
    /// How many elements each unit of the symbol stands for; 0 for a constant.
    public let scale: Int
    /// The constant part.
    public let offset: Int

    /// A constant size.
    public static func fixed(_ size: Int) -> Dimension {
        Dimension(symbol: nil, scale: 0, offset: size)
    }

    /// A size known at run time: `scale * symbol + offset`.
    public static func symbol(_ symbol: SizeSymbol, scale: Int = 1, offset: Int = 0) -> Dimension {
        Dimension(symbol: symbol, scale: scale, offset: offset)
    }

    /// The rows of a batch.
    public static let batch = Dimension.symbol(.batch)

    /// The size if it is a constant.
    public var fixedSize: Int? { symbol == nil ? offset : nil }

    /// The size once symbols are bound.
    ///
    /// - Parameter sizes: the value of every symbol.
    /// - Returns: the size, or nil when the symbol has no value.
    public func resolved(_ sizes: [SizeSymbol: Int]) -> Int? {
        guard let symbol else { return offset }
        if symbol.parts.isEmpty {
            return sizes[symbol].map { scale * $0 + offset }
        }
        var total = 0
        for part in symbol.parts {
            guard let size = part.resolved(sizes) else { return nil }
            total += size
        }
        return scale * total + offset
    }

    /// The size as it stands in messages: `64`, `B`, `4*B`, `B+1`.
    public var description: String {
        guard let symbol else { return "\(offset)" }
        let product = scale == 1 ? symbol.name : "\(scale)*\(symbol.name)"
        return offset == 0 ? product : "\(product)+\(offset)"
    }
}

extension Dimension: ExpressibleByIntegerLiteral {
    /// A constant size.
    public init(integerLiteral value: Int) { self = .fixed(value) }
}
