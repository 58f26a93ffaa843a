import MotetCore
import MotetGraph

extension GRUScan: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (gates, recurrent, bias) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        let units = inputs[1].shape[0]
        let scan = ScanSteps(
            inputs[0].shape,
            units: units,
            mask: isMasked ? inputs[3] : nil,
            isReversed: isReversed
        )
        let (rows, steps) = (scan.rows, scan.steps)
        let zeros = [Double](repeating: 0, count: rows * units)
        let attention = hasAttention ? inputs[isMasked ? 4 : 3].doubles : nil
        var hidden = hasState ? inputs[inputs.count - 1].doubles : zeros
        var sequence = [Double](repeating: 0, count: rows * steps * units)
        var (candidates, previous) = (sequence, sequence)
        var kept = gates.map { _ in 0.0 }
        for row in 0..<rows {
            for step in scan.order {
                let state = row * units..<(row + 1) * units
                let (place, gate) = (scan.start(row, step, units), scan.start(row, step, 3 * units))
                let product = vectorProduct(hidden[state], recurrent, columns: 3 * units)
                for unit in 0..<units {
                    let at = row * units + unit
                    previous[place + unit] = hidden[at]
                    if scan.isValid(row, step) {
                        func sums(_ part: Int) -> (Double, Double) {
                            let index = part * units + unit
                            return (gates[gate + index], product[index] + bias[index])
                        }
                        let (resetSum, updateSum, newSum) = (sums(0), sums(1), sums(2))
                        let reset = logistic(resetSum.0 + resetSum.1)
                        let update = logistic(updateSum.0 + updateSum.1)
                        let new = hyperbolicTangent(newSum.0 + reset * newSum.1)
                        let moved = (attention?[row * steps + step] ?? 1) * (1 - update)
                        hidden[at] = moved * new + (1 - moved) * hidden[at]
                        for (part, value) in [reset, update, new].enumerated() {
                            kept[gate + part * units + unit] = value
                        }
                        candidates[place + unit] = newSum.1
                    }
                    sequence[place + unit] = hidden[at]
                }
            }
        }
        let shape = [rows, steps, units]
        return [
            Tensor(rounding: sequence, shape: shape),
            Tensor(rounding: hidden, shape: [rows, units]),
            Tensor(rounding: kept, shape: inputs[0].shape),
            Tensor(rounding: candidates, shape: shape), Tensor(rounding: previous, shape: shape),
        ]
    }
}

extension GRUScanGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (recurrent, gates) = (inputs[0].doubles, inputs[1].doubles)
        let (candidates, previous) = (inputs[2].doubles, inputs[3].doubles)
        let units = inputs[0].shape[0]
        let scan = ScanSteps(
            inputs[1].shape,
            units: units,
            mask: isMasked ? inputs[4] : nil,
            isReversed: isReversed
        )
        let rows = scan.rows
        let attention = hasAttention ? inputs[isMasked ? 5 : 4].doubles : nil
        var attentionGradient = [Double](repeating: 0, count: rows * scan.steps)
        let zeros = [Double](repeating: 0, count: rows * units)
        var rest = inputs.suffix(arriving.count(where: { $0 }))[...]
        let upstream = arriving.map { $0 ? rest.popFirst()?.doubles : nil }
        var hidden = upstream[1] ?? zeros
        var (gateGradient, productGradient) = (gates.map { _ in 0.0 }, gates.map { _ in 0.0 })
        for row in 0..<rows {
            for step in scan.order.reversed() {
                let (place, gate) = (scan.start(row, step, units), scan.start(row, step, 3 * units))
                for unit in 0..<units {
                    hidden[row * units + unit] += upstream[0]?[place + unit] ?? 0
                }
                guard scan.isValid(row, step) else { continue }
                var kept = [Double](repeating: 0, count: units)
                for unit in 0..<units {
                    let gradient = hidden[row * units + unit]
                    func value(_ part: Int) -> Double { gates[gate + part * units + unit] }
                    let (reset, update, new) = (value(0), value(1), value(2))
                    let share = attention?[row * scan.steps + step] ?? 1
                    let change = new - previous[place + unit]
                    attentionGradient[row * scan.steps + step] += gradient * (1 - update) * change
                    let newSum = gradient * share * (1 - update) * (1 - new * new)
                    let resetSum = newSum * candidates[place + unit] * reset * (1 - reset)
                    let updateSum =
                        -gradient * share * change * update * (1 - update)
                    for (part, sum) in [resetSum, updateSum, newSum].enumerated() {
                        gateGradient[gate + part * units + unit] = sum
                        // The product reaches the new state through the reset gate.
                        productGradient[gate + part * units + unit] = part < 2 ? sum : sum * reset
                    }
                    kept[unit] = gradient * (1 - share * (1 - update))
                }
                let back = vectorProduct(
                    productGradient[gate..<gate + 3 * units],
                    recurrent,
                    columns: 3 * units,
                    transposed: true
                )
                for unit in 0..<units { hidden[row * units + unit] = kept[unit] + back[unit] }
            }
        }
        return [
            Tensor(rounding: gateGradient, shape: inputs[1].shape),
            Tensor(rounding: productGradient, shape: inputs[1].shape),
            Tensor(rounding: hidden, shape: [rows, units]),
        ] + (hasAttention ? [Tensor(rounding: attentionGradient, shape: [rows, scan.steps])] : [])
    }
}
