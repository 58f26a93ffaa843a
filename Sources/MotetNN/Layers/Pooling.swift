import MotetCore
public import MotetGraph

/// What pooling layers have in common.
struct PoolingSettings: Sendable {
    let size: Size2D
    let strides: Size2D
    let padding: PaddingMode

    func window(_ image: Value, _ context: ForwardContext) throws(GraphError) -> PoolingWindow {
        let sizes = try imageSizes(context.graph.shape(of: image)).size
        return PoolingWindow(
            size,
            strides: strides,
            padding: padding.padding(sizes, window: size, strides: strides)
        )
    }

    /// The greatest of each window.
    func greatest(_ image: Value, _ context: inout ForwardContext) throws(GraphError) -> Value {
        try context.graph.add(MotetGraph.MaxPooling2D(window(image, context)), [image])[0]
    }

    /// The mean of each window.
    func mean(_ image: Value, _ context: inout ForwardContext) throws(GraphError) -> Value {
        try context.graph.apply(MotetGraph.AveragePooling2D(window(image, context)), image)
    }
}

/// The greatest number of each window and channel of images.
///
/// - Shapes: input `[B, H, W, C]`, output `[B, H', W', C]`; sizes follow the rules of `Conv2D`. Of equal
///   numbers the first takes the gradient; padding is never chosen.
public final class MaxPooling2D: UnaryLayer {
    /// `max_pooling2d`.
    public static let kind = "max_pooling2d"
    /// The user's name.
    public let name: String?
    private let settings: PoolingSettings

    /// Creates the layer; windows stand side by side.
    ///
    /// - Parameters:
    ///   - poolSize: height and width of the window: one number, or `Size2D(height, width)`.
    ///   - padding: what stands around the image, less than the window.
    ///   - name: a name for messages.
    public init(
        poolSize: some Size2DConvertible = 2,
        padding: PaddingMode = .valid,
        name: String? = nil
    ) {
        let size = poolSize.size2D
        settings = PoolingSettings(size: size, strides: size, padding: padding)
        self.name = name
    }

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - poolSize: height and width of the window.
    ///   - strides: pixels it moves by.
    ///   - padding: what stands around the image, less than the window.
    ///   - name: a name for messages.
    public init(
        poolSize: some Size2DConvertible,
        strides: some Size2DConvertible,
        padding: PaddingMode = .valid,
        name: String? = nil
    ) {
        settings = PoolingSettings(
            size: poolSize.size2D,
            strides: strides.size2D,
            padding: padding
        )
        self.name = name
    }

    /// Pools.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        [try settings.greatest(inputs[0], &context)]
    }
}

/// The mean of each window and channel of images.
///
/// - Shapes: input `[B, H, W, C]`, output `[B, H', W', C]`; sizes follow the rules of `Conv2D`. Padding
///   is not counted.
public final class AveragePooling2D: UnaryLayer {
    /// `average_pooling2d`.
    public static let kind = "average_pooling2d"
    /// The user's name.
    public let name: String?
    private let settings: PoolingSettings

    /// Creates the layer; windows stand side by side.
    ///
    /// - Parameters:
    ///   - poolSize: height and width of the window: one number, or `Size2D(height, width)`.
    ///   - padding: what stands around the image, less than the window.
    ///   - name: a name for messages.
    public init(
        poolSize: some Size2DConvertible = 2,
        padding: PaddingMode = .valid,
        name: String? = nil
    ) {
        let size = poolSize.size2D
        settings = PoolingSettings(size: size, strides: size, padding: padding)
        self.name = name
    }

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - poolSize: height and width of the window.
    ///   - strides: pixels it moves by.
    ///   - padding: what stands around the image, less than the window.
    ///   - name: a name for messages.
    public init(
        poolSize: some Size2DConvertible,
        strides: some Size2DConvertible,
        padding: PaddingMode = .valid,
        name: String? = nil
    ) {
        settings = PoolingSettings(
            size: poolSize.size2D,
            strides: strides.size2D,
            padding: padding
        )
        self.name = name
    }

    /// Pools.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        [try settings.mean(inputs[0], &context)]
    }
}

/// The greatest number of each window and channel of sequences.
///
/// - Shapes: input `[B, T, C]`, output `[B, T', C]`
public final class MaxPooling1D: UnaryLayer {
    /// `max_pooling1d`.
    public static let kind = "max_pooling1d"
    /// The user's name.
    public let name: String?
    private let settings: PoolingSettings

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - poolSize: steps of the window.
    ///   - strides: steps it moves by; as many as it has unless given.
    ///   - padding: what stands around the sequence, less than the window.
    ///   - name: a name for messages.
    public init(
        poolSize: Int = 2,
        strides: Int? = nil,
        padding: PaddingMode = .valid,
        name: String? = nil
    ) {
        settings = PoolingSettings(
            size: Size2D(1, poolSize),
            strides: Size2D(1, strides ?? poolSize),
            padding: padding.alongSequence()
        )
        self.name = name
    }

    /// Pools.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let image = try sequenceAsImage(inputs[0], in: &context)
        return [try imageAsSequence(settings.greatest(image, &context), in: &context)]
    }
}

/// The mean of each window and channel of sequences.
///
/// - Shapes: input `[B, T, C]`, output `[B, T', C]`
public final class AveragePooling1D: UnaryLayer {
    /// `average_pooling1d`.
    public static let kind = "average_pooling1d"
    /// The user's name.
    public let name: String?
    private let settings: PoolingSettings

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - poolSize: steps of the window.
    ///   - strides: steps it moves by; as many as it has unless given.
    ///   - padding: what stands around the sequence, less than the window.
    ///   - name: a name for messages.
    public init(
        poolSize: Int = 2,
        strides: Int? = nil,
        padding: PaddingMode = .valid,
        name: String? = nil
    ) {
        settings = PoolingSettings(
            size: Size2D(1, poolSize),
            strides: Size2D(1, strides ?? poolSize),
            padding: padding.alongSequence()
        )
        self.name = name
    }

    /// Pools.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let image = try sequenceAsImage(inputs[0], in: &context)
        return [try imageAsSequence(settings.mean(image, &context), in: &context)]
    }
}
