import MotetCore
import MotetGraph

extension Exponential: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        [Tensor(rounding: inputs[0].doubles.map(exponential), shape: inputs[0].shape)]
    }
}
