import MotetCore
import MotetGraph

extension AddBias: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, bias) = (inputs[0].doubles, inputs[1].doubles)
        let units = inputs[0].units
        let isStacked = inputs[1].shape.count == 2
        let sliceCount = isStacked ? inputs[0].shape[1] * units : max(x.count, 1)
        let made = x.indices.map { index in
            x[index] + bias[index / sliceCount * units + index % units]
        }
        return [Tensor(rounding: made, shape: inputs[0].shape)]
    }
}

extension SumRows: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, shape, units) = (inputs[0].doubles, inputs[0].shape, inputs[0].units)
        let slices = stacked ? shape[0] : 1
        var sums = [Double](repeating: 0, count: slices * units)
        let sliceCount = max(x.count / max(slices, 1), 1)
        for index in x.indices { sums[index / sliceCount * units + index % units] += x[index] }
        return [Tensor(rounding: sums, shape: stacked ? [slices, units] : [units])]
    }
}

extension GroupedAddBias: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        var made = inputs[0].doubles
        let (bias, units) = (inputs[1].doubles, inputs[0].units)
        for (group, rows) in groups(inputs[2]).enumerated() {
            for row in rows {
                for unit in 0..<units { made[row * units + unit] += bias[group * units + unit] }
            }
        }
        return [Tensor(rounding: made, shape: inputs[0].shape)]
    }
}

extension GroupedSumRows: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, units) = (inputs[0].doubles, inputs[0].units)
        var sums = [Double](repeating: 0, count: groups * units)
        for (group, rows) in MotetReference.groups(inputs[1]).enumerated() {
            for row in rows {
                for unit in 0..<units { sums[group * units + unit] += x[row * units + unit] }
            }
        }
        return [Tensor(rounding: sums, shape: [groups, units])]
    }
}
