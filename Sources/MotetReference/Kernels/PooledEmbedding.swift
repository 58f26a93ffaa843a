import MotetCore
import MotetGraph

extension Pooling {
    /// What each row of a list of the given length is multiplied by.
    fileprivate func share(_ count: Int) -> Double { self == .mean ? 1 / Double(count) : 1 }
}

extension PooledEmbedding: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (table, width, ids) = (inputs[0].doubles, inputs[0].units, inputs[1].integers)
        let lists = groups(inputs[2])
        var result = [Double](repeating: 0, count: lists.count * width)
        for (list, positions) in lists.enumerated() where !positions.isEmpty {
            for position in positions {
                let row = tableRow(ids[position], of: inputs[0].shape[0])
                for unit in 0..<width { result[list * width + unit] += table[row * width + unit] }
            }
            for unit in 0..<width { result[list * width + unit] *= pooling.share(positions.count) }
        }
        return [Tensor(rounding: result, shape: [lists.count, width])]
    }
}

extension PooledEmbeddingGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, width) = (inputs[0].doubles, inputs[0].units)
        var result = [Double](repeating: 0, count: inputs[1].count * width)
        for (list, positions) in groups(inputs[2]).enumerated() {
            for position in positions {
                for unit in 0..<width {
                    result[position * width + unit] =
                        upstream[list * width + unit] * pooling.share(positions.count)
                }
            }
        }
        return [Tensor(rounding: result, shape: [inputs[1].count, width])]
    }
}
