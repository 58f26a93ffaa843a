import MotetCore
public import MotetGraph

/// Normalises each unit over the batch while training, and with kept statistics afterwards.
///
/// - Shapes: input and output `[B, U]`
/// - Learned: `scale` `[U]`, ones; `shift` `[U]`, zeros; kept: `mean` `[U]`, `variance` `[U]`
/// - Source: Ioffe and Szegedy, "Batch Normalization", ICML 2015.
/// - Departures: the kept variance is the biased one, as in Keras; PyTorch keeps the unbiased one.
public final class BatchNormalization: UnaryLayer {
    /// `batch_normalization`.
    public static let kind = "batch_normalization"
    /// The user's name.
    public let name: String?
    private let momentum: Float
    private let epsilon: Float

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - momentum: the share of the kept statistics that a step leaves, in [0, 1].
    ///   - epsilon: what is added to the variance.
    ///   - name: a name for parameters and messages.
    public init(momentum: Float = 0.99, epsilon: Float = 1e-3, name: String? = nil) {
        self.momentum = momentum
        self.epsilon = epsilon
        self.name = name
    }

    /// Normalises.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let units = context.graph.shape(of: inputs[0]).last.fixedSize ?? 1
        let scale = try context.parameter(
            "scale",
            shape: [units],
            initializer: .ones,
            role: .bias
        )
        let shift = try context.parameter(
            "shift",
            shape: [units],
            initializer: .zeros,
            role: .bias
        )
        let mean = try context.parameter(
            "mean",
            shape: [units],
            initializer: .zeros,
            role: .statistic
        )
        let variance = try context.parameter(
            "variance",
            shape: [units],
            initializer: .ones,
            role: .statistic
        )
        guard context.mode == .training else {
            let operation = MotetGraph.BatchNormalizationInference(epsilon: epsilon)
            return try context.graph.add(operation, [inputs[0], scale, shift, mean, variance])
        }
        let made = try context.graph.add(
            MotetGraph.BatchNormalization(epsilon: epsilon),
            [inputs[0], scale, shift]
        )
        let average = ExponentialAverage(momentum: momentum)
        // Statistics are states: they change with the parameters, after the gradients are known.
        context.graph.stage = .update
        defer { context.graph.stage = .gradients }
        context.update("mean", try context.graph.apply(average, mean, made[1]))
        context.update("variance", try context.graph.apply(average, variance, made[2]))
        return [made[0]]
    }
}

/// Normalises each row over its last axis.
///
/// - Shapes: input and output `[B, ..., U]`
/// - Learned: `scale` `[U]`, ones; `shift` `[U]`, zeros
/// - Source: Ba, Kiros and Hinton, "Layer Normalization", arXiv 1607.06450.
public final class LayerNormalization: UnaryLayer {
    /// `layer_normalization`.
    public static let kind = "layer_normalization"
    /// The user's name.
    public let name: String?
    private let epsilon: Float

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - epsilon: what is added to the variance.
    ///   - name: a name for parameters and messages.
    public init(epsilon: Float = 1e-5, name: String? = nil) {
        self.epsilon = epsilon
        self.name = name
    }

    /// Normalises.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let units = context.graph.shape(of: inputs[0]).last.fixedSize ?? 1
        let scale = try context.parameter(
            "scale",
            shape: [units],
            initializer: .ones,
            role: .bias
        )
        let shift = try context.parameter(
            "shift",
            shape: [units],
            initializer: .zeros,
            role: .bias
        )
        let made = try context.graph.add(
            MotetGraph.LayerNormalization(epsilon: epsilon),
            [inputs[0], scale, shift]
        )
        return [made[0]]
    }
}

/// Zeros elements at random while training, and passes them afterwards.
///
/// - Source: Srivastava et al., "Dropout", JMLR 15, 2014; kept elements are scaled by 1 / (1 - rate).
public final class Dropout: UnaryLayer {
    /// `dropout`.
    public static let kind = "dropout"
    /// The user's name.
    public let name: String?
    private let rate: Float

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - rate: the share of elements zeroed, from 0 up to but not 1.
    ///   - name: a name for messages and for the seed of its masks.
    public init(_ rate: Float, name: String? = nil) {
        self.rate = rate
        self.name = name
    }

    /// Drops elements in training programs.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let operation = MotetGraph.Dropout(rate: rate, key: context.layerKey)
        let step = try context.step()
        // Applied in either mode for its checks; only a training program keeps the node.
        let dropped = try context.graph.apply(operation, inputs[0], step)
        return [context.mode == .training && rate > 0 ? dropped : inputs[0]]
    }
}
