import MotetCore
import MotetGraph

extension ListAttention: ReferenceKernel {
    /// Every list alone, as attention over a batch of one row.
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let units = inputs[0].units
        let parts = inputs.prefix(3).map(\.floats)
        let offsets = inputs[3].integers.map { Int($0) }
        var result = [Float](repeating: 0, count: parts[0].count)
        for (start, end) in zip(offsets, offsets.dropFirst()) where end > start {
            let range = start * units..<end * units
            let list = parts.map { Tensor(Array($0[range]), shape: [1, end - start, units]) }
            let attention = Attention(heads: heads, keepsProbabilities: false)
            result.replaceSubrange(range, with: attention.evaluate(list, sizes: [:])[0].floats)
        }
        return [Tensor(result, shape: inputs[0].shape)]
    }
}
