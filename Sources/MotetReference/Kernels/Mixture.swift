import MotetCore
import MotetGraph

extension Mixture: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (gates, experts) = (inputs[0].doubles, inputs[1].doubles)
        let (rows, choices, width) = (inputs[0].shape[1], inputs[0].units, inputs[1].units)
        var result = [Double](repeating: 0, count: selections.count * rows * width)
        for (gate, selection) in selections.enumerated() {
            for row in 0..<rows {
                for (choice, expert) in selection.enumerated() {
                    let weight = gates[(gate * rows + row) * choices + choice]
                    for unit in 0..<width {
                        result[(gate * rows + row) * width + unit] +=
                            weight * experts[(expert * rows + row) * width + unit]
                    }
                }
            }
        }
        return [Tensor(rounding: result, shape: [selections.count, rows, width])]
    }
}

extension MixtureGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, gates, experts) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        let (rows, choices, width) = (inputs[1].shape[1], inputs[1].units, inputs[2].units)
        var gateGradient = gates.map { _ in 0.0 }
        var expertGradient = experts.map { _ in 0.0 }
        for (gate, selection) in selections.enumerated() {
            for row in 0..<rows {
                let first = (gate * rows + row) * width
                for (choice, expert) in selection.enumerated() {
                    let weight = (gate * rows + row) * choices + choice
                    for unit in 0..<width {
                        let position = (expert * rows + row) * width + unit
                        gateGradient[weight] += upstream[first + unit] * experts[position]
                        if gates[weight] != 0 {
                            expertGradient[position] += upstream[first + unit] * gates[weight]
                        }
                    }
                }
            }
        }
        if let activation {
            for position in expertGradient.indices {
                expertGradient[position] *= activation.derivative(experts[position])
            }
        }
        return [
            Tensor(rounding: gateGradient, shape: inputs[1].shape),
            Tensor(rounding: expertGradient, shape: inputs[2].shape),
        ]
    }
}
