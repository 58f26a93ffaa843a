import MotetCore
import MotetGraph

extension Logarithm: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        [Tensor(rounding: inputs[0].doubles.map(logarithm), shape: inputs[0].shape)]
    }
}
