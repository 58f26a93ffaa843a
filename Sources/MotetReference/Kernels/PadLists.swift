import MotetCore
import MotetGraph

extension PadLists: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (rows, width) = (inputs[0].doubles, inputs[0].units)
        let lists = groups(inputs[1])
        var result = [Double](repeating: 0, count: lists.count * length * width)
        var mask = [Double](repeating: 0, count: lists.count * length)
        for (list, positions) in lists.enumerated() {
            for (back, position) in positions.suffix(length).reversed().enumerated() {
                let step = list * length + length - 1 - back
                let row = (position + shift) % inputs[0].shape[0]
                mask[step] = 1
                for unit in 0..<width { result[step * width + unit] = rows[row * width + unit] }
            }
        }
        return [
            Tensor(rounding: result, shape: [lists.count, length, width]),
            Tensor(rounding: mask, shape: [lists.count, length]),
        ]
    }
}

extension PadListsGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, width) = (inputs[0].doubles, inputs[1].units)
        var result = [Double](repeating: 0, count: inputs[1].shape[0] * width)
        for (list, positions) in groups(inputs[2]).enumerated() {
            for (back, position) in positions.suffix(length).reversed().enumerated() {
                let step = list * length + length - 1 - back
                let row = (position + shift) % inputs[1].shape[0]
                for unit in 0..<width {
                    result[row * width + unit] = upstream[step * width + unit]
                }
            }
        }
        return [Tensor(rounding: result, shape: inputs[1].shape)]
    }
}
