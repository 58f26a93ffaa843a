import MotetCore
import MotetGraph

extension CombineRows: ReferenceKernel {
    /// Ids and rows after the first `count` are zeros.
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let width = inputs[1].units
        let total = stride(from: 0, to: inputs.count, by: 2).map { inputs[$0].count }.reduce(0, +)
        var places: [Int: Int] = [:]
        var ids = [Int32](repeating: 0, count: total)
        var sums = [Double](repeating: 0, count: total * width)
        for pair in stride(from: 0, to: inputs.count, by: 2) {
            let rows = inputs[pair + 1].doubles
            for (index, id) in inputs[pair].integers.enumerated() {
                let row = tableRow(id, of: vocabularySize)
                let place = places[row] ?? places.count
                places[row] = place
                ids[place] = Int32(row)
                for unit in 0..<width { sums[place * width + unit] += rows[index * width + unit] }
            }
        }
        return [
            Tensor(ids), Tensor(rounding: sums, shape: [total, width]),
            Tensor([Int32(places.count)], shape: []),
        ]
    }
}

extension DenseRows: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (ids, sums, width) = (inputs[0].integers, inputs[1].doubles, inputs[1].units)
        var result = [Double](repeating: 0, count: vocabularySize * width)
        for place in 0..<inputs[2].integer {
            let row = tableRow(ids[place], of: vocabularySize)
            for unit in 0..<width { result[row * width + unit] += sums[place * width + unit] }
        }
        return [Tensor(rounding: result, shape: [vocabularySize, width])]
    }
}
