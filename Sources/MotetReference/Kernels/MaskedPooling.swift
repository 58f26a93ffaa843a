import MotetCore
import MotetGraph

extension MaskedMean: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, mask, shape) = (inputs[0].doubles, inputs[1].doubles, inputs[0].shape)
        var y = [Double](repeating: 0, count: shape[0] * shape[2])
        for b in 0..<shape[0] {
            let weights = mask[b * shape[1]..<(b + 1) * shape[1]]
            let sum = weights.reduce(0, +)
            for (t, weight) in weights.enumerated() where weight > 0 {
                for c in 0..<shape[2] {
                    y[b * shape[2] + c] += weight * x[(b * shape[1] + t) * shape[2] + c] / sum
                }
            }
        }
        return [Tensor(rounding: y, shape: [shape[0], shape[2]])]
    }
}

extension MaskedMeanGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, mask) = (inputs[0].doubles, inputs[1].doubles)
        let (rows, steps, channels) = (inputs[1].shape[0], inputs[1].shape[1], inputs[0].units)
        var made = [Double](repeating: 0, count: rows * steps * channels)
        for b in 0..<rows {
            let weights = mask[b * steps..<(b + 1) * steps]
            let sum = weights.reduce(0, +)
            for (t, weight) in weights.enumerated() where weight > 0 {
                for c in 0..<channels {
                    made[(b * steps + t) * channels + c] =
                        weight / sum * upstream[b * channels + c]
                }
            }
        }
        return [Tensor(rounding: made, shape: [rows, steps, channels])]
    }
}

extension MaskedMax: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, mask, shape) = (inputs[0].doubles, inputs[1].doubles, inputs[0].shape)
        var y = [Double](repeating: 0, count: shape[0] * shape[2])
        var places = [Int32](repeating: -1, count: y.count)
        for b in 0..<shape[0] {
            let steps = (0..<shape[1]).filter { mask[b * shape[1] + $0] > 0 }
            guard let start = steps.first else { continue }
            for c in 0..<shape[2] {
                func element(_ t: Int) -> Double { x[(b * shape[1] + t) * shape[2] + c] }
                let greatest =
                    steps.first { element($0).isNaN }
                    ?? steps.reduce(start) { element($1) > element($0) ? $1 : $0 }
                y[b * shape[2] + c] = element(greatest)
                places[b * shape[2] + c] = Int32(greatest)
            }
        }
        let result = [shape[0], shape[2]]
        return [Tensor(rounding: y, shape: result), Tensor(places, shape: result)]
    }
}

extension MaskedMaxGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, chosen) = (inputs[0].doubles, inputs[1].integers)
        let (rows, channels) = (inputs[0].shape[0], inputs[0].units)
        var made = [Double](repeating: 0, count: rows * steps * channels)
        for index in upstream.indices where chosen[index] >= 0 {
            let (b, c) = (index / channels, index % channels)
            made[(b * steps + Int(chosen[index])) * channels + c] = upstream[index]
        }
        return [Tensor(rounding: made, shape: [rows, steps, channels])]
    }
}
