import MotetCore
import MotetGraph

extension StoredRows: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (table, width) = (inputs[0].doubles, inputs[0].units)
        let ids = inputs[1].integers
        let bias = inputs.count == 3 ? inputs[2].doubles : nil
        let count = slices ?? 1
        let units = width / count
        var result: [Double] = []
        for slice in 0..<count {
            for id in ids {
                let start = tableRow(id, of: inputs[0].shape[0]) * width + slice * units
                for unit in 0..<units {
                    let sum = table[start + unit] + (bias?[slice * units + unit] ?? 0)
                    result.append(activation?.value(sum) ?? sum)
                }
            }
        }
        let shape = slices.map { [$0, ids.count, units] } ?? [ids.count, units]
        return [Tensor(rounding: result, shape: shape)]
    }
}
