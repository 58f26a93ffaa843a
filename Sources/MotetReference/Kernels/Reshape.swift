import MotetCore
import MotetGraph

extension Reshape: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        guard let target = shape.resolved(sizes) else {
            preconditionFailure("reference backend: a size of \(shape) was not set before the run.")
        }
        return [inputs[0].reshaped(target)]
    }
}

extension Transpose: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let source = inputs[0].shape
        var strides = source.map { _ in 1 }
        for axis in source.indices.dropLast().reversed() {
            strides[axis] = strides[axis + 1] * source[axis + 1]
        }
        let target = permutation.map { source[$0] }
        let words = inputs[0].words
        let made = words.indices.map { element in
            var (rest, position) = (element, 0)
            for axis in target.indices.reversed() {
                position += rest % target[axis] * strides[permutation[axis]]
                rest /= target[axis]
            }
            return words[position]
        }
        return [Tensor(words: made, shape: target, dtype: inputs[0].dtype)]
    }
}
