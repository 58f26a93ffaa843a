public import MotetCore

/// Slides a kernel over images: a linear map of each window to the channels of one pixel.
///
/// `y[b, i, j, o] = sum over r, s, c of x[b, i stride + r dilation - top, j stride + s dilation - left, c]
/// w[r, s, c, o]`, where x is 0 outside the image; after fusion `y = f(... + bias[o])`.
///
/// - Shapes: `B` batch, `H`, `W` height and width, `C` channels, `G` groups, `U` channels of the result
///   - x: `[B, H, W, C]`
///   - w: `[kernelHeight, kernelWidth, C / G, U]`; group g reads its share of C and makes its share of U
///   - bias: `[U]`, only when fused
///   - output: `[B, H', W', U]` with `H' = (H + top + bottom - span) / stride + 1`, rounded down, where
///     `span = dilation (kernelHeight - 1) + 1`
public struct Convolution2D: Operation {
    /// Pixels the kernel moves by.
    public let strides: Size2D
    /// Zeros around the image.
    public let padding: Padding2D
    /// Pixels from one element of the kernel to the next.
    public let dilations: Size2D
    /// Into how many parts channels are cut that do not see each other.
    public let groups: Int
    /// The function applied to the result; set by fusion.
    public var activation: ActivationKind?

    /// Creates the operation.
    public init(
        strides: Size2D = Size2D(1, 1),
        padding: Padding2D = Padding2D(),
        dilations: Size2D = Size2D(1, 1),
        groups: Int = 1,
        activation: ActivationKind? = nil
    ) {
        self.strides = strides
        self.padding = padding
        self.dilations = dilations
        self.groups = groups
        self.activation = activation
    }

    func steps(_ kernel: Size2D) -> WindowSteps {
        WindowSteps(window: kernel, strides: strides, padding: padding, dilations: dilations)
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...3)
        let (size, channels) = try expectImages(inputs[0])
        try expectFloat(inputs[1], "weight")
        let weight = inputs[1].shape
        guard weight.rank == 4, let kernel = weight.fixedSizes else {
            throw GraphError(
                .shapeMismatch,
                "\(Self.name): weight has the wrong shape; expected [kernelHeight, kernelWidth, C / groups, U]; received \(weight)."
            )
        }
        try expect(
            groups >= 1 && channels == groups * kernel[2] && kernel[3] >= 1
                && kernel[3].isMultiple(of: groups),
            "channels disagree; expected \(groups) groups that divide those of input and result; received \(inputs[0].shape) and weight \(weight)."
        )
        let count = try expectFit(steps(Size2D(kernel[0], kernel[1])), in: size)
        if inputs.count == 3 {
            try expect(
                inputs[2].shape == Shape([weight[3]]),
                "bias has the wrong shape; expected [\(weight[3])]; received \(inputs[2].shape)."
            )
        }
        let sizes = [count.height, count.width, kernel[3]].map(Dimension.fixed)
        return [TensorType(Shape([inputs[0].shape[0]] + sizes))]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard activation == nil, node.inputs.count == 2 else {
            throw GraphError(.notDifferentiable, "Convolution2D: differentiate before fusion.")
        }
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        let (x, weight) = (graph.shape(of: node.inputs[0]), graph.shape(of: node.inputs[1]))
        func size(_ shape: Shape, _ first: Int) -> Size2D {
            Size2D(shape[first].fixedSize ?? 0, shape[first + 1].fixedSize ?? 0)
        }
        let input = try graph.apply(
            Convolution2DInputGradient(self, image: size(x, 1)),
            upstream,
            node.inputs[1]
        )
        let kernel = try graph.apply(
            Convolution2DWeightGradient(self, kernel: size(weight, 0)),
            node.inputs[0],
            upstream
        )
        return [.dense(input), .dense(kernel)]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        let window = Shape(Array(inputs[1].shape.dimensions.dropLast()))
        return product(outputs[0].shape.elementCount, window.elementCount ?? .fixed(0))
    }
}

/// The gradient of `Convolution2D` with respect to the images, from `(dy, w)`.
public struct Convolution2DInputGradient: Operation {
    /// The convolution that is differentiated.
    public let convolution: Convolution2D
    /// The height and width of its images, which several give results of one size.
    public let image: Size2D

    /// Creates the operation.
    public init(_ convolution: Convolution2D, image: Size2D) {
        self.convolution = convolution
        self.image = image
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        let weight = inputs[1].shape
        let channels = Dimension.fixed(convolution.groups * (weight[2].fixedSize ?? 0))
        let result = TensorType([
            inputs[0].shape[0], .fixed(image.height), .fixed(image.width), channels,
        ])
        let forward = try convolution.outputTypes([result, inputs[1]])
        try expectSame(inputs[0], forward[0])
        return [result]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        convolution.floatingPointOperations([outputs[0], inputs[1]], [inputs[0]])
    }
}

/// The gradient of `Convolution2D` with respect to the weight, from `(x, dy)`.
public struct Convolution2DWeightGradient: Operation {
    /// The convolution that is differentiated.
    public let convolution: Convolution2D
    /// The height and width of its kernel.
    public let kernel: Size2D

    /// Creates the operation.
    public init(_ convolution: Convolution2D, kernel: Size2D) {
        self.convolution = convolution
        self.kernel = kernel
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        let channels = (inputs[0].shape.last.fixedSize ?? 0) / max(convolution.groups, 1)
        let result = TensorType([
            .fixed(kernel.height), .fixed(kernel.width), .fixed(channels), inputs[1].shape.last,
        ])
        let forward = try convolution.outputTypes([inputs[0], result])
        try expectSame(inputs[1], forward[0])
        return [result]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        convolution.floatingPointOperations([inputs[0], outputs[0]], [inputs[1]])
    }
}
