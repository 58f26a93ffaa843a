import MotetCore
public import MotetGraph

/// The function at the end of a layer.
///
/// A value with static factories, `.relu` or `.leakyReLU(slope: 0.1)`; `none` leaves results as they are.
public struct LayerActivation: Hashable, Sendable {
    let kind: ActivationKind?

    /// No function.
    public static let none = LayerActivation(kind: nil)
    /// `max(x, 0)`.
    public static let relu = LayerActivation(kind: .relu)
    /// `1 / (1 + exp(-x))`.
    public static let sigmoid = LayerActivation(kind: .sigmoid)
    /// The hyperbolic tangent.
    public static let tanh = LayerActivation(kind: .tanh)
    /// `log(1 + exp(x))`.
    public static let softplus = LayerActivation(kind: .softplus)
    /// `x Phi(x)`.
    public static let gelu = LayerActivation(kind: .gelu)
    /// `x sigmoid(x)`.
    public static let swish = LayerActivation(kind: .swish)

    /// `x` where positive, else `slope * x`.
    public static func leakyReLU(slope: Float = 0.01) -> LayerActivation {
        LayerActivation(kind: .leakyReLU(slope: slope))
    }

    /// The functions by the name they have in configurations.
    public static let named: [(name: String, activation: LayerActivation)] = [
        ("none", .none), ("relu", .relu), ("leaky_relu", .leakyReLU()), ("sigmoid", .sigmoid),
        ("tanh", .tanh), ("softplus", .softplus), ("gelu", .gelu), ("swish", .swish),
    ]

    /// Initial weights that keep variances steady through the function.
    var initializer: Initializer {
        switch kind {
        case .relu, .leakyReLU: .heUniform
        default: .glorotUniform
        }
    }

    /// Appends the function to a value.
    ///
    /// - Parameters:
    ///   - value: its argument.
    ///   - context: where the node is added.
    /// - Returns: the result, or the value itself for `none`.
    /// - Throws: `GraphError` when the value is not of floats.
    public func apply(
        to value: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        guard let kind else { return value }
        return try context.graph.apply(MotetGraph.Activation(kind), value)
    }
}

/// A function of each element as a layer of its own: `Activation(.relu)`.
public final class Activation: UnaryLayer {
    /// `activation`.
    public static let kind = "activation"
    /// The user's name.
    public let name: String?
    private let function: LayerActivation

    /// Creates the layer.
    public init(_ function: LayerActivation, name: String? = nil) {
        self.function = function
        self.name = name
    }

    /// Applies the function.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        [try function.apply(to: inputs[0], in: &context)]
    }
}

/// A leaky ReLU whose slope is learnt, one for each unit of the last axis.
///
/// - Learned: `slope` `[U]`, 0.25 at first
/// - Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, eq. 1.
public final class PReLU: UnaryLayer {
    /// `prelu`.
    public static let kind = "prelu"
    /// The user's name.
    public let name: String?

    /// Creates the layer.
    public init(name: String? = nil) { self.name = name }

    /// Applies the function.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let units = context.graph.shape(of: inputs[0]).last.fixedSize ?? 1
        let slope = try context.parameter(
            "slope",
            shape: [units],
            initializer: .constant(0.25),
            role: .bias
        )
        return [try context.graph.apply(MotetGraph.PReLU(), inputs[0], slope)]
    }
}

/// `exp(x) / sum exp(x)` over the last axis.
public final class Softmax: UnaryLayer {
    /// `softmax`.
    public static let kind = "softmax"
    /// The user's name.
    public let name: String?

    /// Creates the layer.
    public init(name: String? = nil) { self.name = name }

    /// Applies the function.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        [try context.graph.apply(MotetGraph.Softmax(), inputs[0])]
    }
}
