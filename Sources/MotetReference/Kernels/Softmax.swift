import MotetCore
import MotetGraph

extension Softmax: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, units) = (inputs[0].doubles, inputs[0].units)
        var result: [Double] = []
        for row in 0..<inputs[0].rows {
            let elements = x[row * units..<(row + 1) * units]
            let greatest = elements.max() ?? 0
            let powers = elements.map { exponential($0 - greatest) }
            let sum = powers.reduce(0, +)
            result += powers.map { $0 / sum }
        }
        return [Tensor(rounding: result, shape: inputs[0].shape)]
    }
}

extension SoftmaxGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, y, units) = (inputs[0].doubles, inputs[1].doubles, inputs[0].units)
        var result: [Double] = []
        for row in 0..<inputs[0].rows {
            let elements = row * units..<(row + 1) * units
            let dot = elements.map { upstream[$0] * y[$0] }.reduce(0, +)
            result += elements.map { y[$0] * (upstream[$0] - dot) }
        }
        return [Tensor(rounding: result, shape: inputs[0].shape)]
    }
}
