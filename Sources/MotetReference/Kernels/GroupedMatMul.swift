import MotetCore
import MotetGraph

/// The rows of each group, from `S + 1` offsets.
func groups(_ offsets: Tensor) -> [Range<Int>] {
    let bounds = offsets.integers.map(Int.init)
    return zip(bounds, bounds.dropFirst()).map { $0..<$1 }
}

extension GroupedMatMul: ReferenceKernel {
    /// Rows of no group are zeros before the activation, fused or not.
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (input, weight) = (inputs[0], inputs[1])
        let (x, weights) = (input.doubles, weight.doubles)
        let inner = input.units
        let units = transposeWeight ? weight.shape[1] : weight.shape[2]
        let bias = inputs.count == 4 ? inputs[3].doubles : nil
        var result = [Double](repeating: 0, count: input.rows * units)
        for (group, rows) in groups(inputs[2]).enumerated() {
            accumulate(
                MatrixView(x, start: rows.lowerBound * inner, shape: (rows.count, inner)),
                MatrixView(
                    weights,
                    start: group * inner * units,
                    shape: (weight.shape[1], weight.shape[2]),
                    transposed: transposeWeight
                ),
                into: &result,
                start: rows.lowerBound * units
            )
            guard let bias else { continue }
            for row in rows {
                for unit in 0..<units { result[row * units + unit] += bias[group * units + unit] }
            }
        }
        if let activation { result = result.map(activation.value) }
        return [Tensor(rounding: result, shape: [input.rows, units])]
    }
}

extension GroupedMatMulWeightGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, upstream) = (inputs[0].doubles, inputs[1].doubles)
        let (inner, units) = (inputs[0].units, inputs[1].units)
        var result = [Double](repeating: 0, count: groups * inner * units)
        for (group, rows) in MotetReference.groups(inputs[2]).enumerated() {
            accumulate(
                MatrixView(
                    x,
                    start: rows.lowerBound * inner,
                    shape: (rows.count, inner),
                    transposed: true
                ),
                MatrixView(
                    upstream,
                    start: rows.lowerBound * units,
                    shape: (rows.count, units)
                ),
                into: &result,
                start: group * inner * units
            )
        }
        return [Tensor(rounding: result, shape: [groups, inner, units])]
    }
}
