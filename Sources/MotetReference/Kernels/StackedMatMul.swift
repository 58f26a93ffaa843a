import MotetCore
import MotetGraph

extension StackedMatMul: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (input, weight) = (inputs[0], inputs[1])
        let (x, weights) = (input.doubles, weight.doubles)
        let (rows, inner) = (input.shape[input.shape.count - 2], input.units)
        let units = transposeWeight ? weight.shape[1] : weight.shape[2]
        let slices = sumsSlices ? 1 : (targets.max() ?? -1) + 1
        var result = [Double](repeating: 0, count: slices * rows * units)
        for slice in sources.indices {
            accumulate(
                MatrixView(x, start: sources[slice] * rows * inner, shape: (rows, inner)),
                MatrixView(
                    weights,
                    start: slice * inner * units,
                    shape: (weight.shape[1], weight.shape[2]),
                    transposed: transposeWeight
                ),
                into: &result,
                start: (sumsSlices ? 0 : targets[slice]) * rows * units
            )
        }
        if inputs.count == 3 {
            // Fusion gives a bias only where slice e of the weight alone writes slice e.
            let bias = inputs[2].doubles
            for index in result.indices {
                result[index] += bias[index / (rows * units) * units + index % units]
            }
        }
        if let activation { result = result.map(activation.value) }
        let shape = sumsSlices ? [rows, units] : [slices, rows, units]
        return [Tensor(rounding: result, shape: shape)]
    }
}

extension StackedMatMulWeightGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, upstream) = (inputs[0].doubles, inputs[1].doubles)
        let rows = inputs[0].shape[inputs[0].shape.count - 2]
        let (inner, units) = (inputs[0].units, inputs[1].units)
        var result = [Double](repeating: 0, count: sources.count * inner * units)
        for slice in sources.indices {
            accumulate(
                MatrixView(
                    x,
                    start: sources[slice] * rows * inner,
                    shape: (rows, inner),
                    transposed: true
                ),
                MatrixView(
                    upstream,
                    start: targets[slice] * rows * units,
                    shape: (rows, units)
                ),
                into: &result,
                start: slice * inner * units
            )
        }
        return [Tensor(rounding: result, shape: [sources.count, inner, units])]
    }
}
