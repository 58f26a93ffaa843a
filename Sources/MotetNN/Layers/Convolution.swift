import MotetCore
public import MotetGraph

/// What convolutions over images and over sequences have in common.
struct ConvolutionSettings: Sendable {
    let filters: Int
    let kernelSize: Size2D
    let strides: Size2D
    let padding: PaddingMode
    let dilations: Size2D
    let groups: Int
    let activation: LayerActivation
    let useBias: Bool
    let initializer: Initializer?

    /// Convolves images; `weightShape` is how the weight is stored, `[kernelHeight, kernelWidth, C / groups,
    /// filters]` unless given.
    func apply(
        to images: Value,
        weightShape: (([Int]) -> [Int])? = nil,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let (size, channels) = try imageSizes(context.graph.shape(of: images))
        guard filters >= 1, kernelSize.height >= 1, kernelSize.width >= 1 else {
            throw GraphError(
                .outOfRange,
                "a size is out of range; expected at least 1; received filters \(filters), kernelSize \(kernelSize)."
            )
        }
        guard groups >= 1, channels.isMultiple(of: groups), filters.isMultiple(of: groups) else {
            throw GraphError(
                .outOfRange,
                "'groups' is out of range; expected a divisor of \(channels) channels and \(filters) filters; received \(groups)."
            )
        }
        let window = kernelSize.height * kernelSize.width
        let shape = [kernelSize.height, kernelSize.width, channels / groups, filters]
        let stored = weightShape?(shape) ?? shape
        var weight = try context.parameter(
            "weight",
            shape: stored,
            initializer: (initializer ?? activation.initializer).scaled(
                fanIn: window * channels / groups,
                fanOut: window * filters / groups
            )
        )
        if stored != shape {
            weight = try context.graph.apply(MotetGraph.Reshape(Shape(fixed: shape)), weight)
        }
        let operation = Convolution2D(
            strides: strides,
            padding: padding.padding(
                size,
                window: kernelSize,
                strides: strides,
                dilations: dilations
            ),
            dilations: dilations,
            groups: groups
        )
        var value = try context.graph.apply(operation, images, weight)
        if useBias {
            let bias = try context.parameter(
                "bias",
                shape: [filters],
                initializer: .zeros,
                role: .bias
            )
            value = try context.graph.apply(AddBias(), value, bias)
        }
        return try activation.apply(to: value, in: &context)
    }
}

/// Slides learnt kernels over images: `f(x * w + b)`.
///
/// - Shapes: `B` batch, `H`, `W` height and width, `C` channels, `U` filters
///   - input: `[B, H, W, C]`, float32
///   - output: `[B, H', W', U]`; with `.same` padding `H' = ceil(H / stride)`, with `.valid`
///     `H' = (H - dilation (kernel - 1) - 1) / stride + 1`, rounded down
/// - Learned: `weight` `[kernelHeight, kernelWidth, C / groups, U]`, He uniform before ReLU and Glorot
///   uniform otherwise, over the elements of a window; `bias` `[U]`, zeros
public final class Conv2D: UnaryLayer {
    /// `conv2d`.
    public static let kind = "conv2d"
    /// The user's name.
    public let name: String?
    private let settings: ConvolutionSettings

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - filters: the channels of the result, at least 1.
    ///   - kernelSize: height and width of the kernel: one number, or `Size2D(height, width)`.
    ///   - strides: pixels it moves by.
    ///   - padding: zeros around the image; none unless given.
    ///   - dilation: pixels from one element of the kernel to the next.
    ///   - groups: parts of the channels that do not see each other; as many as channels make a depthwise
    ///     convolution.
    ///   - activation: the function applied to the result.
    ///   - useBias: whether a bias is added.
    ///   - initializer: the weight's first values; by default those that suit the activation.
    ///   - name: a name for parameters and messages.
    public init(
        _ filters: Int,
        kernelSize: some Size2DConvertible,
        strides: some Size2DConvertible = 1,
        padding: PaddingMode = .valid,
        dilation: some Size2DConvertible = 1,
        groups: Int = 1,
        activation: LayerActivation = .none,
        useBias: Bool = true,
        initializer: Initializer? = nil,
        name: String? = nil
    ) {
        settings = ConvolutionSettings(
            filters: filters,
            kernelSize: kernelSize.size2D,
            strides: strides.size2D,
            padding: padding,
            dilations: dilation.size2D,
            groups: groups,
            activation: activation,
            useBias: useBias,
            initializer: initializer
        )
        self.name = name
    }

    /// Convolves, adds the bias, applies the activation.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        [try settings.apply(to: inputs[0], in: &context)]
    }
}

/// Slides learnt kernels over sequences: `f(x * w + b)`.
///
/// Steps that a mask leaves out count as zeros.
///
/// - Shapes: `B` batch, `T` steps, `C` channels, `U` filters
///   - input: `[B, T, C]`, float32
///   - output: `[B, T', U]`, `T'` as the height of `Conv2D`
/// - Learned: `weight` `[kernelSize, C / groups, U]`, `bias` `[U]`, as those of `Conv2D`
public final class Conv1D: UnaryLayer {
    /// `conv1d`.
    public static let kind = "conv1d"
    /// The user's name.
    public let name: String?
    private let settings: ConvolutionSettings

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - filters: the channels of the result, at least 1.
    ///   - kernelSize: steps the kernel spans.
    ///   - strides: steps it moves by.
    ///   - padding: zeros before and after the sequence; none unless given.
    ///   - dilation: steps from one element of the kernel to the next.
    ///   - groups: parts of the channels that do not see each other.
    ///   - activation: the function applied to the result.
    ///   - useBias: whether a bias is added.
    ///   - initializer: the weight's first values; by default those that suit the activation.
    ///   - name: a name for parameters and messages.
    public init(
        _ filters: Int,
        kernelSize: Int,
        strides: Int = 1,
        padding: PaddingMode = .valid,
        dilation: Int = 1,
        groups: Int = 1,
        activation: LayerActivation = .none,
        useBias: Bool = true,
        initializer: Initializer? = nil,
        name: String? = nil
    ) {
        settings = ConvolutionSettings(
            filters: filters,
            kernelSize: Size2D(1, kernelSize),
            strides: Size2D(1, strides),
            padding: padding.alongSequence(),
            dilations: Size2D(1, dilation),
            groups: groups,
            activation: activation,
            useBias: useBias,
            initializer: initializer
        )
        self.name = name
    }

    /// Convolves, adds the bias, applies the activation.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let image = try sequenceAsImage(realSteps(inputs[0], in: &context), in: &context)
        let made = try settings.apply(
            to: image,
            weightShape: { Array($0.dropFirst()) },
            in: &context
        )
        return [try imageAsSequence(made, in: &context)]
    }

    /// The sequence with zeros at the steps its mask leaves out, as beyond its end.
    private func realSteps(
        _ input: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        guard let mask = context.mask(of: input) else { return input }
        let shape = context.graph.shape(of: mask)
        let column = try context.graph.apply(MotetGraph.Reshape(shape.appending(1)), mask)
        return try context.graph.apply(Arithmetic(.multiply), input, column)
    }
}

extension Initializer {
    /// The same distribution where fans are not those of a matrix: weights of windows.
    func scaled(fanIn: Int, fanOut: Int) -> Initializer {
        switch self {
        case .heUniform: .uniform(limit: Float((6 / Double(fanIn)).squareRoot()))
        case .glorotUniform: .uniform(limit: Float((6 / Double(fanIn + fanOut)).squareRoot()))
        default: self
        }
    }
}
