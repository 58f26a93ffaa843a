import MotetCore
import MotetGraph

extension PaddingMask: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        [Tensor(inputs[0].integers.map { $0 == 0 ? Float(0) : 1 }, shape: inputs[0].shape)]
    }
}
