import MotetCore
import MotetGraph

/// How often an axis is repeated by the axes before it, and how many elements one step along it is.
private func steps(_ shape: [Int], _ axis: Int) -> (outer: Int, inner: Int) {
    (shape[..<axis].reduce(1, *), shape[(axis + 1)...].reduce(1, *))
}

extension Concatenate: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        var shape = inputs[0].shape
        shape[axis] = inputs.map { $0.shape[axis] }.reduce(0, +)
        let (outer, inner) = steps(shape, axis)
        let pieces = inputs.map { (words: $0.words, width: $0.shape[axis] * inner) }
        var joined: [UInt32] = []
        for step in 0..<outer {
            for piece in pieces {
                joined += piece.words[step * piece.width..<(step + 1) * piece.width]
            }
        }
        return [Tensor(words: joined, shape: shape, dtype: inputs[0].dtype)]
    }
}

extension Split: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes symbols: [SizeSymbol: Int]) -> [Tensor] {
        let (outer, inner) = steps(inputs[0].shape, axis)
        let words = inputs[0].words
        let width = inputs[0].shape[axis] * inner
        var start = 0
        return sizes.map { size in
            defer { start += size * inner }
            var shape = inputs[0].shape
            shape[axis] = size
            let piece = (0..<outer).flatMap { step in
                words[step * width + start..<step * width + start + size * inner]
            }
            return Tensor(words: piece, shape: shape, dtype: inputs[0].dtype)
        }
    }
}
