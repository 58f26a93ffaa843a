import MotetCore
import MotetGraph

extension L2Normalization: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, units) = (inputs[0].doubles, inputs[0].units)
        var (result, factors): ([Double], [Double]) = ([], [])
        for row in 0..<inputs[0].rows {
            let elements = x[row * units..<(row + 1) * units]
            let length = elements.map { $0 * $0 }.reduce(0, +).squareRoot()
            let factor = 1 / max(length, L2Normalization.leastLength)
            result += elements.map { $0 * factor }
            factors.append(factor)
        }
        return [
            Tensor(rounding: result, shape: inputs[0].shape),
            Tensor(rounding: factors, shape: Array(inputs[0].shape.dropLast())),
        ]
    }
}

extension L2NormalizationGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (dy, y, units) = (inputs[0].doubles, inputs[1].doubles, inputs[1].units)
        let factors = inputs[2].doubles
        var result: [Double] = []
        for row in 0..<inputs[1].rows {
            let elements = row * units..<(row + 1) * units
            let dot = elements.map { dy[$0] * y[$0] }.reduce(0, +)
            result += elements.map { factors[row] * (dy[$0] - y[$0] * dot) }
        }
        return [Tensor(rounding: result, shape: inputs[1].shape)]
    }
}
