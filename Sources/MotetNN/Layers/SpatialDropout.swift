import MotetCore
public import MotetGraph

/// Drops whole channels while training.
private func dropChannels(
    _ input: Value,
    rate: Float,
    rank: Int,
    in context: inout ForwardContext
) throws(GraphError) -> Value {
    let shape = context.graph.shape(of: input)
    guard shape.rank == rank else {
        let expected = rank == 4 ? "images [B, H, W, C]" : "sequences [B, T, C]"
        throw GraphError(
            .shapeMismatch,
            "the input has the wrong shape; expected \(expected); received \(shape)."
        )
    }
    let operation = SpatialDropout(rate: rate, key: context.layerKey)
    // Applied in either mode for its checks; only a training program keeps the node.
    let dropped = try context.graph.apply(operation, input, context.step())
    return context.mode == .training && rate > 0 ? dropped : input
}

/// Zeros whole channels of images at random while training, and passes them afterwards.
///
/// Neighbouring pixels are much alike, so that dropping single ones hides little.
///
/// - Shapes: input and output `[B, H, W, C]`
/// - Source: Tompson et al., "Efficient Object Localization Using Convolutional Networks", CVPR 2015, §3.2;
///   kept channels are scaled by 1 / (1 - rate).
public final class SpatialDropout2D: UnaryLayer {
    /// `spatial_dropout2d`.
    public static let kind = "spatial_dropout2d"
    /// The user's name.
    public let name: String?
    private let rate: Float

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - rate: the share of channels zeroed, from 0 up to but not 1.
    ///   - name: a name for messages and for the seed of its masks.
    public init(_ rate: Float, name: String? = nil) {
        self.rate = rate
        self.name = name
    }

    /// Drops channels in training programs.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        [try dropChannels(inputs[0], rate: rate, rank: 4, in: &context)]
    }
}

/// Zeros whole channels of sequences at random while training: a feature is gone from all steps.
///
/// - Shapes: input and output `[B, T, C]`
public final class SpatialDropout1D: UnaryLayer {
    /// `spatial_dropout1d`.
    public static let kind = "spatial_dropout1d"
    /// The user's name.
    public let name: String?
    private let rate: Float

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - rate: the share of channels zeroed, from 0 up to but not 1.
    ///   - name: a name for messages and for the seed of its masks.
    public init(_ rate: Float, name: String? = nil) {
        self.rate = rate
        self.name = name
    }

    /// Drops channels in training programs.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        [try dropChannels(inputs[0], rate: rate, rank: 3, in: &context)]
    }
}
