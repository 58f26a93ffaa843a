import MotetCore
import MotetGraph

/// The mean and the biased variance of a unit over some rows; zeros over none.
private func statistics(
    _ x: [Double],
    _ rows: Range<Int>,
    unit: Int,
    of units: Int
) -> (mean: Double, variance: Double) {
    guard !rows.isEmpty else { return (0, 0) }
    let values = rows.map { x[$0 * units + unit] }
    let mean = values.reduce(0, +) / Double(rows.count)
    let squares = values.map { ($0 - mean) * ($0 - mean) }
    return (mean, squares.reduce(0, +) / Double(rows.count))
}

extension GroupedNormalization: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, gamma, beta) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        let units = inputs[0].units
        var result = [Double](repeating: 0, count: x.count)
        var (means, variances) = (gamma.map { _ in 0.0 }, gamma.map { _ in 0.0 })
        for (group, rows) in groups(inputs[3]).enumerated() {
            for unit in 0..<units {
                let (mean, variance) = statistics(x, rows, unit: unit, of: units)
                let place = group * units + unit
                (means[place], variances[place]) = (mean, variance)
                let deviation = (variance + Double(epsilon)).squareRoot()
                for row in rows {
                    let z = (x[row * units + unit] - mean) / deviation
                    result[row * units + unit] = gamma[place] * z + beta[place]
                }
            }
        }
        return [
            Tensor(rounding: result, shape: inputs[0].shape),
            Tensor(rounding: means, shape: inputs[1].shape),
            Tensor(rounding: variances, shape: inputs[1].shape),
        ]
    }
}

extension GroupedNormalizationGradient: ReferenceKernel {
    /// For the n rows of a group `dx = gamma / (n s) (n dy - sum dy - z sum(dy z))` with `z = (x - mean) / s`.
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, x, gamma) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        let (means, variances) = (inputs[3].doubles, inputs[4].doubles)
        let units = inputs[1].units
        var result = [Double](repeating: 0, count: x.count)
        var (gammas, betas) = (gamma.map { _ in 0.0 }, gamma.map { _ in 0.0 })
        for (group, rows) in groups(inputs[5]).enumerated() {
            for unit in 0..<units {
                let place = group * units + unit
                let deviation = (variances[place] + Double(epsilon)).squareRoot()
                let z = rows.map { (x[$0 * units + unit] - means[place]) / deviation }
                let dy = rows.map { upstream[$0 * units + unit] }
                gammas[place] = zip(dy, z).map { $0 * $1 }.reduce(0, +)
                betas[place] = dy.reduce(0, +)
                let count = Double(rows.count)
                for (index, row) in rows.enumerated() {
                    let centred = count * dy[index] - betas[place] - z[index] * gammas[place]
                    result[row * units + unit] = gamma[place] / (count * deviation) * centred
                }
            }
        }
        return [
            Tensor(rounding: result, shape: inputs[1].shape),
            Tensor(rounding: gammas, shape: inputs[2].shape),
            Tensor(rounding: betas, shape: inputs[2].shape),
        ]
    }
}
