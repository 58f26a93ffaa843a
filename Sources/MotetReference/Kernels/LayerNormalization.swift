import MotetCore
import MotetGraph

extension LayerNormalization: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, gamma, beta) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        let units = inputs[0].units
        var (result, means, inverses): ([Double], [Double], [Double]) = ([], [], [])
        for row in 0..<inputs[0].rows {
            let elements = Array(x[row * units..<(row + 1) * units])
            let mean = elements.reduce(0, +) / Double(units)
            let variance =
                elements.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(units)
            let inverse = 1 / (variance + Double(epsilon)).squareRoot()
            result += elements.indices.map { unit in
                gamma[unit] * (elements[unit] - mean) * inverse + beta[unit]
            }
            means.append(mean)
            inverses.append(inverse)
        }
        let rows = Array(inputs[0].shape.dropLast())
        return [
            Tensor(rounding: result, shape: inputs[0].shape), Tensor(rounding: means, shape: rows),
            Tensor(rounding: inverses, shape: rows),
        ]
    }
}

extension LayerNormalizationGradient: ReferenceKernel {
    /// `dx = (g - mean(g) - z mean(g z)) / s` over a row, with `g = gamma dy`, `z = (x - mean) / s`.
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, x, gamma) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        let (means, inverses, units) = (inputs[3].doubles, inputs[4].doubles, inputs[1].units)
        var inputGradient: [Double] = []
        var gammaGradient = gamma.map { _ in 0.0 }
        var betaGradient = gamma.map { _ in 0.0 }
        for row in 0..<inputs[1].rows {
            let z = (0..<units).map { (x[row * units + $0] - means[row]) * inverses[row] }
            let dy = Array(upstream[row * units..<(row + 1) * units])
            for unit in 0..<units {
                gammaGradient[unit] += dy[unit] * z[unit]
                betaGradient[unit] += dy[unit]
            }
            let g = (0..<units).map { gamma[$0] * dy[$0] }
            let mean = g.reduce(0, +) / Double(units)
            let dot = (0..<units).map { g[$0] * z[$0] }.reduce(0, +) / Double(units)
            inputGradient += (0..<units).map { (g[$0] - mean - z[$0] * dot) * inverses[row] }
        }
        return [
            Tensor(rounding: inputGradient, shape: inputs[1].shape),
            Tensor(rounding: gammaGradient, shape: [units]),
            Tensor(rounding: betaGradient, shape: [units]),
        ]
    }
}
