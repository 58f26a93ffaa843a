import MotetCore
import MotetGraph

extension InnerProducts: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let values = (isCounted ? inputs.dropLast() : inputs).map(\.doubles)
        let taken = isCounted ? inputs[inputs.count - 1].integer * inputs[0].units : values[0].count
        let slice = included.map { values[0].count / max($0.count, 1) }
        let positions = values[0].indices.prefix(taken).filter { position in
            guard let included, let slice, slice > 0 else { return true }
            return included[position / slice]
        }
        var products: [Double] = []
        for left in values {
            for right in values {
                products.append(positions.reduce(0) { $0 + left[$1] * right[$1] })
            }
        }
        return [Tensor(rounding: products, shape: [values.count, values.count])]
    }
}

extension MixtureProducts: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, gates) = (inputs[0].doubles, inputs[1].doubles)
        let (rows, width, choices) = (inputs[0].shape[1], inputs[0].units, inputs[1].units)
        let count = selections.count
        var products = [Double](repeating: 0, count: count * count)
        for (first, ownSelection) in selections.enumerated() {
            for (second, otherSelection) in selections.enumerated() {
                for row in 0..<rows {
                    for (place, expert) in ownSelection.enumerated() where included[expert] {
                        for (other, selected) in otherSelection.enumerated()
                        where selected == expert {
                            let factor =
                                gates[(first * rows + row) * choices + place]
                                * gates[(second * rows + row) * choices + other]
                            for unit in 0..<width {
                                products[first * count + second] +=
                                    factor * upstream[(first * rows + row) * width + unit]
                                    * upstream[(second * rows + row) * width + unit]
                            }
                        }
                    }
                }
            }
        }
        return [Tensor(rounding: products, shape: [count, count])]
    }
}

extension WeightedSum: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let values = inputs.dropLast().map(\.doubles)
        let factors = inputs[inputs.count - 1].doubles
        var result = values[0].map { _ in 0.0 }
        for (value, row) in zip(values, places) {
            let slice = value.count / row.count
            for position in value.indices {
                let place = row[slice > 0 ? position / slice : 0]
                let factor = place < 0 ? 1 : factors[place]
                if factor != 0 { result[position] += factor * value[position] }
            }
        }
        return [Tensor(rounding: result, shape: inputs[0].shape)]
    }
}

extension SignDropout: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let count = inputs.count - 2
        let factors = inputs[count].doubles
        let key = key.split(inputs[count + 1].integer)
        let values = zip(inputs, sum.places).map { input, row in
            let slice = input.count / row.count
            return input.doubles.enumerated().map { position, element in
                let place = row[slice > 0 ? position / slice : 0]
                let factor = place < 0 ? 1 : factors[place]
                return factor == 0 ? 0 : factor * element
            }
        }
        let result = inputs[0].doubles.indices.map { position -> Double in
            let all = values.map { $0[position] }
            let length = all.reduce(0) { $0 + abs($1) }
            guard length > 0 else { return length }
            let share = (1 + all.reduce(0, +) / length) / 2
            let isPositive = Double(key.bits(position) >> 40) * 0x1p-24 < share
            return all.reduce(0) { total, value in
                total + ((value > 0) == isPositive ? value : Double(leak) * value)
            }
        }
        return [Tensor(rounding: result, shape: inputs[0].shape)]
    }
}
