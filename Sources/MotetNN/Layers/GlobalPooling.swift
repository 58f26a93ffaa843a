import MotetCore
public import MotetGraph

/// The mean of each channel over all pixels.
///
/// - Shapes: input `[B, H, W, C]`, output `[B, C]`
public final class GlobalAveragePooling2D: UnaryLayer {
    /// `global_average_pooling2d`.
    public static let kind = "global_average_pooling2d"
    /// The user's name.
    public let name: String?

    /// Creates the layer.
    public init(name: String? = nil) { self.name = name }

    /// Pools.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let (size, channels) = try imageSizes(context.graph.shape(of: inputs[0]))
        let rows = context.graph.shape(of: inputs[0])[0]
        let pixels = try context.graph.apply(
            MotetGraph.Reshape([rows, .fixed(size.height * size.width), .fixed(channels)]),
            inputs[0]
        )
        return [try context.graph.apply(Mean(axis: 1), pixels)]
    }
}

/// The greatest number of each channel over all pixels.
///
/// - Shapes: input `[B, H, W, C]`, output `[B, C]`
public final class GlobalMaxPooling2D: UnaryLayer {
    /// `global_max_pooling2d`.
    public static let kind = "global_max_pooling2d"
    /// The user's name.
    public let name: String?

    /// Creates the layer.
    public init(name: String? = nil) { self.name = name }

    /// Pools.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        [try greatestOfAll(inputs[0], in: &context)]
    }
}

/// The greatest of each channel of images, `[B, C]`.
private func greatestOfAll(
    _ images: Value,
    in context: inout ForwardContext
) throws(GraphError) -> Value {
    let (size, channels) = try imageSizes(context.graph.shape(of: images))
    let window = PoolingWindow(size)
    let pooled = try context.graph.add(MotetGraph.MaxPooling2D(window), [images])[0]
    let rows = context.graph.shape(of: images)[0]
    return try context.graph.apply(MotetGraph.Reshape([rows, .fixed(channels)]), pooled)
}

/// The mean of each channel over the steps of sequences; of those alone that a mask keeps.
///
/// - Shapes: input `[B, T, C]`, with a mask `[B, T]` or without, output `[B, C]`; zeros for a row of
///   which the mask keeps nothing
public final class GlobalAveragePooling1D: UnaryLayer {
    /// `global_average_pooling1d`.
    public static let kind = "global_average_pooling1d"
    /// The user's name.
    public let name: String?

    /// Creates the layer.
    public init(name: String? = nil) { self.name = name }

    /// Pools.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try expectSequence(context.graph.shape(of: inputs[0]))
        guard let mask = context.mask(of: inputs[0]) else {
            return [try context.graph.apply(Mean(axis: 1), inputs[0])]
        }
        return [try context.graph.apply(MaskedMean(), inputs[0], mask)]
    }
}

/// The greatest number of each channel over the steps of sequences; of those alone that a mask keeps.
///
/// - Shapes: input `[B, T, C]`, with a mask `[B, T]` or without, output `[B, C]`; zeros for a row of
///   which the mask keeps nothing
public final class GlobalMaxPooling1D: UnaryLayer {
    /// `global_max_pooling1d`.
    public static let kind = "global_max_pooling1d"
    /// The user's name.
    public let name: String?

    /// Creates the layer.
    public init(name: String? = nil) { self.name = name }

    /// Pools.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try expectSequence(context.graph.shape(of: inputs[0]))
        guard let mask = context.mask(of: inputs[0]) else {
            return [
                try greatestOfAll(sequenceAsImage(inputs[0], in: &context), in: &context)
            ]
        }
        return [try context.graph.add(MaskedMax(), [inputs[0], mask])[0]]
    }
}

private func expectSequence(_ shape: Shape) throws(GraphError) {
    guard shape.rank == 3, Shape(Array(shape.dimensions.dropFirst())).fixedSizes != nil else {
        throw GraphError(
            .shapeMismatch,
            "the input has the wrong shape; expected sequences [B, T, C]; received \(shape)."
        )
    }
}
