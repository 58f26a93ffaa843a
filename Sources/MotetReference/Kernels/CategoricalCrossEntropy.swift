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
            let (_, total, top) = powers(logits)
            let label = Int(labels[row])
            let expected = targets.distribution(of: label, classes: classes)
            for (unit, logit) in logits.enumerated() {
                loss += weights[row] * expected[unit] * (logarithm(total) + top - logit)
            }
            sum += weights[row] * targets.weight(of: label)
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
            let expected = targets.distribution(of: Int(labels[row]), classes: classes)
            let mass = expected.reduce(0, +)
            for unit in 0..<classes {
                result[row * classes + unit] =
                    factor * weights[row] * (mass * powers[unit] / sum - expected[unit])
            }
        }
        return [Tensor(rounding: result, shape: inputs[0].shape)]
    }
}

extension ClassTargets {
    func weight(of label: Int) -> Double {
        classWeights.isEmpty ? 1 : Double(classWeights[label])
    }

    /// What each class's negative log probability counts, weights included.
    func distribution(of label: Int, classes: Int) -> [Double] {
        (0..<classes).map { unit in
            let own = unit == label ? 1 - Double(smoothing) : 0
            return weight(of: unit) * (own + Double(smoothing) / Double(classes))
        }
    }
}
