import MotetCore
import MotetGraph

extension PReLU: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, slope) = (inputs[0].doubles, inputs[1].doubles)
        let made = x.indices.map { x[$0] > 0 ? x[$0] : slope[$0 % slope.count] * x[$0] }
        return [Tensor(rounding: made, shape: inputs[0].shape)]
    }
}

extension PReLUGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, x, slope) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        var inputGradient = upstream
        var slopeGradient = slope.map { _ in 0.0 }
        for index in x.indices where !(x[index] > 0) {
            let unit = index % slope.count
            inputGradient[index] = slope[unit] * upstream[index]
            slopeGradient[unit] += x[index] * upstream[index]
        }
        return [
            Tensor(rounding: inputGradient, shape: inputs[1].shape),
            Tensor(rounding: slopeGradient, shape: inputs[2].shape),
        ]
    }
}
