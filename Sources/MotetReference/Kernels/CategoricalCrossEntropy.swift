import MotetCore
import MotetGraph

/// The powers of a row's logits relative to the greatest, their sum, and the greatest.
private func powers(_ logits: ArraySlice<Double>) -> (powers: [Double], sum: Double, top: Double) {
    let top = logits.max() ?? 0
    let powers = logits.map { exponential($0 - top) }
    return (powers, powers.reduce(0, +), top)
}

extension CategoricalCrossEntropy: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, labels, weights) = (inputs[0].doubles, inputs[1].floats, inputs[2].doubles)
        let classes = inputs[0].units
        var (loss, sum) = (0.0, 0.0)
        for row in weights.indices where weights[row] > 0 {
            let logits = x[row * classes..<(row + 1) * classes]
            let row = (powers: powers(logits), label: Int(labels[row]), weight: weights[row])
            let chosen = logits[logits.startIndex + row.label]
            loss += row.weight * (logarithm(row.powers.sum) + row.powers.top - chosen)
            sum += row.weight
        }
        return [Tensor(scalar: sum > 0 ? loss / sum : 0), Tensor(scalar: sum)]
    }
}

extension CategoricalCrossEntropyGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, labels, weights) = (inputs[0].doubles, inputs[1].floats, inputs[2].doubles)
        let classes = inputs[0].units
        let factor = inputs[4].scalar / inputs[3].scalar
        var result = x.map { _ in 0.0 }
        for row in weights.indices where weights[row] > 0 {
            let (powers, sum, _) = powers(x[row * classes..<(row + 1) * classes])
            for unit in 0..<classes {
                let expected = unit == Int(labels[row]) ? 1.0 : 0.0
                result[row * classes + unit] =
                    factor * weights[row] * (powers[unit] / sum - expected)
            }
        }
        return [Tensor(rounding: result, shape: inputs[0].shape)]
    }
}
