import MotetCore
import MotetGraph

/// The row of a table an id reads: its own, or row 0 when the table has no such row.
func tableRow(_ id: Int32, of count: Int) -> Int {
    id >= 0 && Int(id) < count ? Int(id) : 0
}

extension EmbeddingLookup: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (table, width) = (inputs[0].floats, inputs[0].units)
        let rows = inputs[1].integers.flatMap { id in
            let row = tableRow(id, of: inputs[0].shape[0])
            return table[row * width..<(row + 1) * width]
        }
        return [Tensor(rows, shape: inputs[1].shape + [width])]
    }
}
