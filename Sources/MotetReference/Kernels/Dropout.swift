import MotetCore
import MotetGraph

extension Dropout: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let mask = key.split(inputs[1].integer)
        let scale = 1 / (1 - Double(rate))
        let made = inputs[0].doubles.enumerated().map { index, element in
            let uniform = Float(mask.bits(index) >> 40) * 0x1p-24
            return uniform >= rate ? element * scale : 0
        }
        return [Tensor(rounding: made, shape: inputs[0].shape)]
    }
}
