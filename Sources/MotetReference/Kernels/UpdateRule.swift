import MotetCore
import MotetGraph

/// The elements of a parameter, or of one row of a table, with the states that belong to them.
private struct Parameter {
    var elements: [Double]
    var slots: [[Double]]
}

extension UpdateRule {
    /// One step; `gradient` is already scaled and carries the L2 penalty.
    fileprivate func step(
        _ parameter: inout Parameter,
        gradient: [Double],
        learningRate: Double,
        step: Int
    ) {
        let indices = parameter.elements.indices
        switch self {
        case .sgd(let momentum, let nesterov):
            for index in indices {
                var move = gradient[index]
                if momentum != 0 {
                    let velocity = Double(momentum) * parameter.slots[0][index] + gradient[index]
                    parameter.slots[0][index] = velocity
                    move = nesterov ? move + Double(momentum) * velocity : velocity
                }
                parameter.elements[index] -= learningRate * move
            }
        case .adagrad(let epsilon):
            for index in indices {
                parameter.slots[0][index] += gradient[index] * gradient[index]
                let root = parameter.slots[0][index].squareRoot()
                parameter.elements[index] -=
                    learningRate * gradient[index] / (root + Double(epsilon))
            }
        case .rowWiseAdagrad(let epsilon):
            // Called with one row: the slot holds its only accumulator.
            let squares = gradient.map { $0 * $0 }.reduce(0, +)
            parameter.slots[0][0] += squares / Double(gradient.count)
            let root = parameter.slots[0][0].squareRoot()
            for index in indices {
                parameter.elements[index] -=
                    learningRate * gradient[index] / (root + Double(epsilon))
            }
        case .adam(let beta1, let beta2, let epsilon, let decay):
            let (beta1, beta2) = (Double(beta1), Double(beta2))
            let corrections = (1 - power(beta1, Double(step)), 1 - power(beta2, Double(step)))
            for index in indices {
                parameter.elements[index] -=
                    learningRate * Double(decay) * parameter.elements[index]
                let g = gradient[index]
                parameter.slots[0][index] = beta1 * parameter.slots[0][index] + (1 - beta1) * g
                parameter.slots[1][index] = beta2 * parameter.slots[1][index] + (1 - beta2) * g * g
                let first = parameter.slots[0][index] / corrections.0
                let second = parameter.slots[1][index] / corrections.1
                parameter.elements[index] -=
                    learningRate * first / (second.squareRoot() + Double(epsilon))
            }
        }
    }

    /// How many elements of each slot belong to one row of `width` elements.
    fileprivate func slotWidth(_ width: Int) -> Int {
        if case .rowWiseAdagrad = self { 1 } else { width }
    }
}

/// Updates some rows of a parameter, `gradients` in the order of `rows`.
private func updated(
    _ rule: UpdateRule,
    l2: Float,
    parameter: [Tensor],
    width: Int,
    rows: [Int],
    gradients: [Double],
    settings: ArraySlice<Tensor>
) -> [Tensor] {
    let settings = Array(settings)
    let (learningRate, step, scale) = (settings[0].scalar, settings[1].integer, settings[2].scalar)
    var values = parameter.map(\.doubles)
    let slotWidth = rule.slotWidth(width)
    for (place, row) in rows.enumerated() {
        let elements = row * width..<(row + 1) * width
        let states = row * slotWidth..<(row + 1) * slotWidth
        var part = Parameter(
            elements: Array(values[0][elements]),
            slots: values.dropFirst().map { Array($0[states]) }
        )
        let gradient = part.elements.indices.map { unit in
            gradients[place * width + unit] * scale + Double(l2) * part.elements[unit]
        }
        rule.step(&part, gradient: gradient, learningRate: learningRate, step: step)
        values[0].replaceSubrange(elements, with: part.elements)
        for slot in part.slots.indices {
            values[slot + 1].replaceSubrange(states, with: part.slots[slot])
        }
    }
    return zip(values, parameter).map { Tensor(rounding: $0, shape: $1.shape) }
}

extension OptimizerUpdate: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let slots = rule.slots.count
        return updated(
            rule,
            l2: l2,
            parameter: Array(inputs[...slots]),
            width: inputs[0].units,
            rows: Array(0..<inputs[0].rows),
            gradients: inputs[slots + 1].doubles,
            settings: inputs[(slots + 2)...]
        )
    }
}

extension OptimizerRowUpdate: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let slots = rule.slots.count
        let touched = inputs[slots + 1].integers.prefix(inputs[slots + 3].integer)
        return updated(
            rule,
            l2: l2,
            parameter: Array(inputs[...slots]),
            width: inputs[0].units,
            rows: touched.map(Int.init),
            gradients: inputs[slots + 2].doubles,
            settings: inputs[(slots + 4)...]
        )
    }
}

extension SumOfSquares: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        var elements = inputs[0].doubles[...]
        if inputs.count == 2 { elements = elements.prefix(inputs[1].integer * inputs[0].units) }
        return [Tensor(scalar: elements.map { $0 * $0 }.reduce(0, +))]
    }
}

extension ClippingFactor: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let norm = inputs[0].scalar.squareRoot()
        return [Tensor(scalar: norm > Double(limit) ? Double(limit) / norm : 1)]
    }
}
