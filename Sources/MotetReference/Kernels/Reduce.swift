import MotetCore
import MotetGraph

extension Mean: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        var shape = inputs[0].shape
        let size = shape.remove(at: axis)
        let inner = shape[axis...].reduce(1, *)
        var sums = [Double](repeating: 0, count: shape.reduce(1, *))
        for (index, element) in inputs[0].doubles.enumerated() {
            sums[index / (size * inner) * inner + index % inner] += element
        }
        return [Tensor(rounding: sums.map { $0 / Double(size) }, shape: shape)]
    }
}
