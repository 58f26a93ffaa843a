public import MotetCore

/// Puts zeros around images.
///
/// - Shapes: x `[B, H, W, C]`; output `[B, top + H + bottom, left + W + right, C]`
public struct Pad2D: Operation {
    /// Rows and columns of zeros.
    public let padding: Padding2D

    /// Creates the operation.
    public init(_ padding: Padding2D) { self.padding = padding }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        let (size, channels) = try expectImages(inputs[0])
        try expectFrame(padding)
        return [
            TensorType([
                inputs[0].shape[0], .fixed(padding.top + size.height + padding.bottom),
                .fixed(padding.left + size.width + padding.right), .fixed(channels),
            ])
        ]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil] }
        return [.dense(try graph.apply(Crop2D(padding), upstream))]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        .fixed(0)
    }
}

/// Cuts rows and columns off the sides of images.
///
/// - Shapes: x `[B, H, W, C]`; output `[B, H - top - bottom, W - left - right, C]`
public struct Crop2D: Operation {
    /// Rows and columns cut off.
    public let frame: Padding2D

    /// Creates the operation.
    public init(_ frame: Padding2D) { self.frame = frame }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        let (size, channels) = try expectImages(inputs[0])
        try expectFrame(frame)
        let height = size.height - frame.top - frame.bottom
        let width = size.width - frame.left - frame.right
        try expect(
            height >= 1 && width >= 1,
            "the frame is too wide; expected something left of \(inputs[0].shape); received \(frame)."
        )
        return [
            TensorType([inputs[0].shape[0], .fixed(height), .fixed(width), .fixed(channels)])
        ]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil] }
        return [.dense(try graph.apply(Pad2D(frame), upstream))]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        .fixed(0)
    }
}

extension Operation {
    fileprivate func expectFrame(_ frame: Padding2D) throws(GraphError) {
        try expect(
            min(frame.top, frame.left, frame.bottom, frame.right) >= 0,
            .outOfRange,
            "'padding' is out of range; expected at least 0; received \(frame)."
        )
    }
}

/// Zeros whole channels of a row at random and scales the rest by `1 / (1 - rate)`.
///
/// Channel *c* of row *b* at step *t* is kept when the uniform number `RandomKey(key).split(t)
/// .bits(b C + c)`, top 24 bits, is at least `rate`.
///
/// - Shapes: x `[B, ..., C]`; step `[]`, int32; output as x
/// - Source: Tompson et al., "Efficient Object Localization Using Convolutional Networks", CVPR 2015, §3.2.
public struct SpatialDropout: Operation {
    /// The share of channels zeroed, in `[0, 1)`.
    public let rate: Float
    /// The seed of this layer's masks.
    public let key: RandomKey

    /// Creates the operation.
    public init(rate: Float, key: RandomKey) {
        self.rate = rate
        self.key = key
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        try expectFloat(inputs[0])
        try expectIntegers(inputs[1], "step")
        let shape = inputs[0].shape
        try expect(
            shape.rank >= 2 && Shape(Array(shape.dimensions.dropFirst())).fixedSizes != nil,
            "input has the wrong shape; expected [B, ..., C]; received \(shape)."
        )
        try expect(
            rate >= 0 && rate < 1,
            .outOfRange,
            "'rate' is out of range; expected 0 up to but not 1; received \(rate)."
        )
        return [inputs[0]]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        return [.dense(try graph.apply(self, upstream, node.inputs[1])), nil]
    }
}
