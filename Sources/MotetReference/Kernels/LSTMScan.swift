import MotetCore
import MotetGraph

extension LSTMScan: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (gates, recurrent) = (inputs[0].doubles, inputs[1].doubles)
        let units = inputs[1].shape[0]
        let scan = ScanSteps(
            inputs[0].shape,
            units: units,
            mask: isMasked ? inputs[2] : nil,
            isReversed: isReversed
        )
        let (rows, steps) = (scan.rows, scan.steps)
        let zeros = [Double](repeating: 0, count: rows * units)
        var hidden = hasState ? inputs[inputs.count - 2].doubles : zeros
        var cell = hasState ? inputs[inputs.count - 1].doubles : zeros
        var sequence = [Double](repeating: 0, count: rows * steps * units)
        var (cells, previous) = (sequence, sequence)
        var kept = gates.map { _ in 0.0 }
        for row in 0..<rows {
            for step in scan.order {
                let state = row * units..<(row + 1) * units
                let (place, gate) = (scan.start(row, step, units), scan.start(row, step, 4 * units))
                let product = vectorProduct(hidden[state], recurrent, columns: 4 * units)
                for unit in 0..<units {
                    previous[place + unit] = hidden[row * units + unit]
                }
                for unit in 0..<units {
                    let at = row * units + unit
                    if scan.isValid(row, step) {
                        func sum(_ part: Int) -> Double {
                            gates[gate + part * units + unit] + product[part * units + unit]
                        }
                        let (input, forget) = (logistic(sum(0)), logistic(sum(1)))
                        let (new, output) = (hyperbolicTangent(sum(2)), logistic(sum(3)))
                        cell[at] = forget * cell[at] + input * new
                        hidden[at] = output * hyperbolicTangent(cell[at])
                        for (part, value) in [input, forget, new, output].enumerated() {
                            kept[gate + part * units + unit] = value
                        }
                    }
                    sequence[place + unit] = hidden[at]
                    cells[place + unit] = cell[at]
                }
            }
        }
        let shape = [rows, steps, units]
        return [
            Tensor(rounding: sequence, shape: shape),
            Tensor(rounding: hidden, shape: [rows, units]),
            Tensor(rounding: cell, shape: [rows, units]), Tensor(rounding: cells, shape: shape),
            Tensor(rounding: kept, shape: inputs[0].shape),
            Tensor(rounding: previous, shape: shape),
        ]
    }
}

extension LSTMScanGradient: ReferenceKernel {
    /// Backwards through the steps; the gradients of the sums before the gates' functions follow from
    /// `dc += dh o (1 - tanh(c)^2)`, and the next `dc` is `dc f`.
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (recurrent, gates, cells) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        let units = inputs[0].shape[0]
        let scan = ScanSteps(
            inputs[1].shape,
            units: units,
            mask: isMasked ? inputs[3] : nil,
            isReversed: isReversed
        )
        let rows = scan.rows
        let zeros = [Double](repeating: 0, count: rows * units)
        let first = hasState ? inputs[isMasked ? 4 : 3].doubles : zeros
        var rest = inputs.suffix(arriving.count(where: { $0 }))[...]
        let upstream = arriving.map { $0 ? rest.popFirst()?.doubles : nil }
        var (hidden, cell) = (upstream[1] ?? zeros, upstream[2] ?? zeros)
        var result = gates.map { _ in 0.0 }
        for row in 0..<rows {
            for (position, step) in scan.order.enumerated().reversed() {
                let (place, gate) = (scan.start(row, step, units), scan.start(row, step, 4 * units))
                for unit in 0..<units {
                    hidden[row * units + unit] += upstream[0]?[place + unit] ?? 0
                }
                guard scan.isValid(row, step) else { continue }
                for unit in 0..<units {
                    let at = row * units + unit
                    func value(_ part: Int) -> Double { gates[gate + part * units + unit] }
                    let (input, forget, new, output) = (value(0), value(1), value(2), value(3))
                    let before =
                        position == 0
                        ? first[at]
                        : cells[scan.start(row, scan.order[position - 1], units) + unit]
                    let bent = hyperbolicTangent(cells[place + unit])
                    cell[at] += hidden[at] * output * (1 - bent * bent)
                    let sums = [
                        cell[at] * new * input * (1 - input),
                        cell[at] * before * forget * (1 - forget),
                        cell[at] * input * (1 - new * new),
                        hidden[at] * bent * output * (1 - output),
                    ]
                    for (part, sum) in sums.enumerated() {
                        result[gate + part * units + unit] = sum
                    }
                    cell[at] *= forget
                }
                let back = vectorProduct(
                    result[gate..<gate + 4 * units],
                    recurrent,
                    columns: 4 * units,
                    transposed: true
                )
                for unit in 0..<units { hidden[row * units + unit] = back[unit] }
            }
        }
        return [
            Tensor(rounding: result, shape: inputs[1].shape),
            Tensor(rounding: hidden, shape: [rows, units]),
            Tensor(rounding: cell, shape: [rows, units]),
        ]
    }
}
