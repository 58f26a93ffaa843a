import MotetCore
public import MotetGraph

/// Zeros around images.
///
/// - Shapes: input `[B, H, W, C]`, output `[B, top + H + bottom, left + W + right, C]`
public final class ZeroPadding2D: UnaryLayer {
    /// `zero_padding2d`.
    public static let kind = "zero_padding2d"
    /// The user's name.
    public let name: String?
    private let padding: Padding2D

    /// Creates the layer with as much on all sides.
    public convenience init(_ sides: Int = 1, name: String? = nil) {
        self.init(Padding2D(all: sides), name: name)
    }

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - padding: rows and columns on each side.
    ///   - name: a name for messages.
    public init(_ padding: Padding2D, name: String? = nil) {
        self.padding = padding
        self.name = name
    }

    /// Pads.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        [try context.graph.apply(Pad2D(padding), inputs[0])]
    }
}

/// Zeros before and after sequences.
///
/// - Shapes: input `[B, T, C]`, output `[B, before + T + after, C]`
public final class ZeroPadding1D: UnaryLayer {
    /// `zero_padding1d`.
    public static let kind = "zero_padding1d"
    /// The user's name.
    public let name: String?
    private let padding: Padding2D

    /// Creates the layer with as many steps on both sides.
    public convenience init(_ steps: Int = 1, name: String? = nil) {
        self.init(before: steps, after: steps, name: name)
    }

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - before: steps of zeros before the sequence.
    ///   - after: steps of zeros after it.
    ///   - name: a name for messages.
    public init(before: Int, after: Int, name: String? = nil) {
        padding = Padding2D(left: before, right: after)
        self.name = name
    }

    /// Pads.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let image = try sequenceAsImage(inputs[0], in: &context)
        return [
            try imageAsSequence(context.graph.apply(Pad2D(padding), image), in: &context)
        ]
    }
}
