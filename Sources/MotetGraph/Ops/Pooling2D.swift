public import MotetCore

/// A window that moves over images, for pooling.
public struct PoolingWindow: Hashable, Sendable, Codable {
    /// The height and width of the window.
    public let size: Size2D
    /// Pixels it moves by.
    public let strides: Size2D
    /// Rows and columns around the image, which hold nothing; less than the window on each side.
    public let padding: Padding2D

    /// Creates a window; it moves by its own size unless told otherwise.
    public init(_ size: Size2D, strides: Size2D? = nil, padding: Padding2D = Padding2D()) {
        self.size = size
        self.strides = strides ?? size
        self.padding = padding
    }

    var steps: WindowSteps {
        WindowSteps(window: size, strides: strides, padding: padding, dilations: Size2D(1, 1))
    }
}

extension Operation {
    /// The shape of pooled images.
    fileprivate func pooledType(
        _ window: PoolingWindow,
        _ input: TensorType
    ) throws(GraphError) -> TensorType {
        let (size, channels) = try expectImages(input)
        let count = try expectFit(window.steps, in: size)
        let (padding, window) = (window.padding, window.size)
        // A window over nothing but padding would have no value.
        try expect(
            max(padding.top, padding.bottom) < window.height
                && max(padding.left, padding.right) < window.width,
            .outOfRange,
            "'padding' is out of range; expected less than the window, \(window); received \(padding)."
        )
        return TensorType([
            input.shape[0], .fixed(count.height), .fixed(count.width), .fixed(channels),
        ])
    }

    /// The shape of the images whose pooled form has a type.
    fileprivate func imageType(
        _ window: PoolingWindow,
        _ image: Size2D,
        _ pooled: TensorType
    ) throws(GraphError) -> TensorType {
        let result = TensorType([
            pooled.shape[0], .fixed(image.height), .fixed(image.width), pooled.shape.last,
        ])
        try expectSame(pooled, try pooledType(window, result))
        return result
    }

    fileprivate func imageSize(_ value: Value, _ graph: GraphBuilder) -> Size2D {
        let shape = graph.shape(of: value)
        return Size2D(shape[1].fixedSize ?? 0, shape[2].fixedSize ?? 0)
    }
}

/// The greatest element of each window and channel; of equals the first, a NaN before all numbers.
///
/// - Shapes: x `[B, H, W, C]`; outputs y `[B, H', W', C]`, and the place of each in its window, counted
///   by rows, int32
public struct MaxPooling2D: Operation {
    /// The window.
    public let window: PoolingWindow

    /// Creates the operation.
    public init(_ window: PoolingWindow) { self.window = window }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        let type = try pooledType(window, inputs[0])
        return [type, TensorType(type.shape, .int32)]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        try expectNoGradient(of: "places", outputGradients.dropFirst())
        guard let upstream = outputGradients[0] else { return [nil] }
        let operation = MaxPooling2DGradient(window, image: imageSize(node.inputs[0], graph))
        return [.dense(try graph.apply(operation, upstream, node.outputs[1]))]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        inputs[0].shape.elementCount ?? .fixed(0)
    }
}

/// The gradient of `MaxPooling2D` from `(dy, places)`: to each window's greatest element.
public struct MaxPooling2DGradient: Operation {
    /// The window.
    public let window: PoolingWindow
    /// The height and width of the images.
    public let image: Size2D

    /// Creates the operation.
    public init(_ window: PoolingWindow, image: Size2D) {
        self.window = window
        self.image = image
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        try expectIntegers(inputs[1], "places")
        return [try imageType(window, image, inputs[0])]
    }
}

/// The mean of each window and channel, over what lies inside the image.
///
/// - Shapes: x `[B, H, W, C]`; output `[B, H', W', C]`
public struct AveragePooling2D: Operation {
    /// The window.
    public let window: PoolingWindow

    /// Creates the operation.
    public init(_ window: PoolingWindow) { self.window = window }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        return [try pooledType(window, inputs[0])]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil] }
        let operation = AveragePooling2DGradient(window, image: imageSize(node.inputs[0], graph))
        return [.dense(try graph.apply(operation, upstream))]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        inputs[0].shape.elementCount ?? .fixed(0)
    }
}

/// The gradient of `AveragePooling2D` from `dy`: an equal share to each element of a window.
public struct AveragePooling2DGradient: Operation {
    /// The window.
    public let window: PoolingWindow
    /// The height and width of the images.
    public let image: Size2D

    /// Creates the operation.
    public init(_ window: PoolingWindow, image: Size2D) {
        self.window = window
        self.image = image
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        return [try imageType(window, image, inputs[0])]
    }
}
