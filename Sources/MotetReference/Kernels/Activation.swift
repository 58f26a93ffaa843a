import MotetCore
import MotetGraph

extension ActivationKind {
    /// `f(x)`.
    func value(_ x: Double) -> Double {
        switch self {
        case .relu: x > 0 ? x : x.isNaN ? x : 0
        case .leakyReLU(let slope): x > 0 ? x : Double(slope) * x
        case .sigmoid: logistic(x)
        case .tanh: hyperbolicTangent(x)
        case .softplus: MotetReference.softplus(x)
        case .gelu: x * normalDistribution(x)
        case .swish: x * logistic(x)
        }
    }

    /// `f'(x)` from `f(x)` or `x`, whichever `differentiatesFromOutput` names.
    func derivative(_ saved: Double) -> Double {
        switch self {
        case .relu: saved > 0 ? 1 : 0
        case .leakyReLU(let slope): saved > 0 ? 1 : Double(slope)
        case .sigmoid: saved * (1 - saved)
        case .tanh: 1 - saved * saved
        case .softplus: -exponentialMinusOne(-saved)
        case .gelu:
            normalDistribution(saved)
                + saved * exponential(-saved * saved / 2) / (2 * Double.pi).squareRoot()
        case .swish: logistic(saved) * (1 + saved * (1 - logistic(saved)))
        }
    }
}

/// `1 / (1 + exp(-x))`, without overflow on either side.
func logistic(_ x: Double) -> Double {
    guard x < 0 else { return 1 / (1 + exponential(-x)) }
    let power = exponential(x)
    return power / (1 + power)
}

/// `log(1 + exp(x))`, without overflow.
func softplus(_ x: Double) -> Double { max(x, 0) + logarithmOnePlus(exponential(-abs(x))) }

/// The distribution function of the standard normal distribution; `erfc` keeps the digits of its tail.
private func normalDistribution(_ x: Double) -> Double {
    complementaryErrorFunction(-x / 2.0.squareRoot()) / 2
}

extension Activation: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        [Tensor(rounding: inputs[0].doubles.map(kind.value), shape: inputs[0].shape)]
    }
}

extension ActivationGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let made = zip(inputs[0].doubles, inputs[1].doubles).map { $0 * kind.derivative($1) }
        return [Tensor(rounding: made, shape: inputs[0].shape)]
    }
}
