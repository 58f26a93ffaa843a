import MotetCore
import MotetGraph

/// Normalises by given statistics, then scales and shifts.
private func normalized(
    _ inputs: [Tensor],
    mean: [Double],
    variance: [Double],
    epsilon: Float
) -> Tensor {
    let (x, gamma, beta) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
    let units = inputs[0].units
    let made = x.indices.map { index in
        let unit = index % units
        let deviation = (variance[unit] + Double(epsilon)).squareRoot()
        return gamma[unit] * (x[index] - mean[unit]) / deviation + beta[unit]
    }
    return Tensor(rounding: made, shape: inputs[0].shape)
}

extension BatchNormalization: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, units, rows) = (inputs[0].doubles, inputs[0].units, max(inputs[0].rows, 1))
        var mean = [Double](repeating: 0, count: units)
        for index in x.indices { mean[index % units] += x[index] / Double(rows) }
        var variance = [Double](repeating: 0, count: units)
        for index in x.indices {
            let distance = x[index] - mean[index % units]
            variance[index % units] += distance * distance / Double(rows)
        }
        return [
            normalized(inputs, mean: mean, variance: variance, epsilon: epsilon),
            Tensor(rounding: mean, shape: [units]), Tensor(rounding: variance, shape: [units]),
        ]
    }
}

extension BatchNormalizationInference: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (mean, variance) = (inputs[3].doubles, inputs[4].doubles)
        return [normalized(inputs, mean: mean, variance: variance, epsilon: epsilon)]
    }
}

extension BatchNormalizationGradient: ReferenceKernel {
    /// `dx = gamma / (B s) (B dy - sum dy - z sum(dy z))` with `z = (x - mean) / s`.
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, x, gamma) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        let (mean, variance) = (inputs[3].doubles, inputs[4].doubles)
        let (units, rows) = (inputs[1].units, Double(inputs[1].rows))
        let deviation = variance.map { ($0 + Double(epsilon)).squareRoot() }
        let z = x.indices.map { (x[$0] - mean[$0 % units]) / deviation[$0 % units] }
        var gammaGradient = gamma.map { _ in 0.0 }
        var betaGradient = gamma.map { _ in 0.0 }
        for index in x.indices {
            gammaGradient[index % units] += upstream[index] * z[index]
            betaGradient[index % units] += upstream[index]
        }
        let inputGradient = x.indices.map { index in
            let unit = index % units
            let centred =
                rows * upstream[index] - betaGradient[unit] - z[index] * gammaGradient[unit]
            return gamma[unit] / (rows * deviation[unit]) * centred
        }
        return [
            Tensor(rounding: inputGradient, shape: inputs[1].shape),
            Tensor(rounding: gammaGradient, shape: [units]),
            Tensor(rounding: betaGradient, shape: [units]),
        ]
    }
}

extension ExponentialAverage: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let made = zip(inputs[0].doubles, inputs[1].doubles).map { old, value in
            Double(momentum) * old + (1 - Double(momentum)) * value
        }
        return [Tensor(rounding: made, shape: inputs[0].shape)]
    }
}
