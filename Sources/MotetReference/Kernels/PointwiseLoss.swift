import MotetCore
import MotetGraph

extension PointwiseLossKind {
    /// The loss of a row with output `x` and label `y`.
    func value(_ x: Double, _ y: Double) -> Double {
        switch self {
        case .binaryCrossEntropy: return softplus(x) - x * y
        case .focal(let gamma, let alpha):
            let signed = y > 0.5 ? x : -x
            return classWeight(alpha, y) * power(logistic(-signed), Double(gamma))
                * softplus(-signed)
        case .squaredError: return (x - y) * (x - y)
        case .absoluteError: return abs(x - y)
        case .huber(let delta):
            let (distance, delta) = (abs(x - y), Double(delta))
            return distance <= delta
                ? distance * distance / 2 : delta * (distance - delta / 2)
        case .poisson: return exponential(x) - y * x
        case .fakeNegativeWeighted:
            let p = logistic(x)
            return y * (1 + p) * softplus(-x) + (1 - y) * (1 - p) * (1 + p) * softplus(x)
        case .quantile(let tau):
            return max(Double(tau) * (y - x), (Double(tau) - 1) * (y - x))
        }
    }

    /// The derivative of the loss with respect to `x`; 0 in the middle of a kink.
    func derivative(_ x: Double, _ y: Double) -> Double {
        switch self {
        case .binaryCrossEntropy: return logistic(x) - y
        case .focal(let gamma, let alpha):
            // With p = sigmoid(s) and q = 1 - p: d/ds q^g softplus(-s) = -q^g (g p softplus(-s) + q).
            let sign = y > 0.5 ? 1.0 : -1.0
            let (p, q, loss) = (logistic(sign * x), logistic(-sign * x), softplus(-sign * x))
            let gamma = Double(gamma)
            return -sign * classWeight(alpha, y) * power(q, gamma) * (gamma * p * loss + q)
        case .squaredError: return 2 * (x - y)
        case .absoluteError: return x > y ? 1 : x < y ? -1 : 0
        case .huber(let delta): return min(max(x - y, -Double(delta)), Double(delta))
        case .poisson: return exponential(x) - y
        case .fakeNegativeWeighted:
            // The weights are constants: (1 + p) (p - 1) y + (1 - p) (1 + p) p (1 - y).
            let p = logistic(x)
            return (1 - p) * (1 + p) * (p * (1 - y) - y)
        case .quantile(let tau): return x > y ? 1 - Double(tau) : x < y ? -Double(tau) : 0
        }
    }

    private func classWeight(_ alpha: Float, _ y: Double) -> Double {
        guard alpha >= 0 else { return 1 }
        return y > 0.5 ? Double(alpha) : 1 - Double(alpha)
    }
}

extension PointwiseLoss: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, y, weights) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        var (loss, sum) = (0.0, 0.0)
        for row in x.indices where weights[row] > 0 {
            loss += weights[row] * kind.value(x[row], y[row])
            sum += weights[row]
        }
        return [Tensor(scalar: sum > 0 ? loss / sum : 0), Tensor(scalar: sum)]
    }
}

extension PointwiseLossGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, y, weights) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        let factor = inputs[4].scalar / inputs[3].scalar
        let made = x.indices.map { row in
            weights[row] > 0 ? factor * weights[row] * kind.derivative(x[row], y[row]) : 0
        }
        return [Tensor(rounding: made, shape: inputs[0].shape)]
    }
}
