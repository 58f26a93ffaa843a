/// A function applied to each element, and what its derivative is computed from.
public enum ActivationKind: Hashable, Sendable, Codable {
    /// `max(x, 0)`.
    case relu
    /// `x` where positive, else `slope * x`.
    case leakyReLU(slope: Float)
    /// `1 / (1 + exp(-x))`.
    case sigmoid
    /// The hyperbolic tangent.
    case tanh
    /// `log(1 + exp(x))`.
    case softplus
    /// `x * Phi(x)` with the Gauss error function: Hendrycks and Gimpel, arXiv 1606.08415.
    case gelu
    /// `x * sigmoid(x)`: Ramachandran et al., arXiv 1710.05941.
    case swish

    /// Whether the derivative follows from the result, so that the input need not be kept.
    public var differentiatesFromOutput: Bool {
        switch self {
        case .relu, .sigmoid, .tanh, .softplus: true
        case .leakyReLU(let slope): slope > 0
        case .gelu, .swish: false
        }
    }
}
