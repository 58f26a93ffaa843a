import MotetCore
import MotetGraph

extension Arithmetic: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let shape = broadcastShape(inputs[0].shape, inputs[1].shape)
        let (left, right) = (inputs[0].doubles, inputs[1].doubles)
        let positions = zip(
            broadcastPositions(from: inputs[0].shape, to: shape),
            broadcastPositions(from: inputs[1].shape, to: shape)
        )
        let made = positions.map { first, second in
            switch kind {
            case .add: left[first] + right[second]
            case .subtract: left[first] - right[second]
            case .multiply: left[first] * right[second]
            case .divide: left[first] / right[second]
            }
        }
        return [Tensor(rounding: made, shape: shape)]
    }

    private func broadcastShape(_ left: [Int], _ right: [Int]) -> [Int] {
        let rank = max(left.count, right.count)
        let first = Array(repeating: 1, count: rank - left.count) + left
        let second = Array(repeating: 1, count: rank - right.count) + right
        return zip(first, second).map { $0 == 1 ? $1 : $0 }
    }
}

extension SumToShape: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let missing = inputs[0].shape.count - shape.rank
        let target = shape.dimensions.indices.map { axis in
            shape[axis] == 1 ? 1 : inputs[0].shape[axis + missing]
        }
        var sums = [Double](repeating: 0, count: target.reduce(1, *))
        let positions = broadcastPositions(from: target, to: inputs[0].shape)
        for (element, position) in zip(inputs[0].doubles, positions) { sums[position] += element }
        return [Tensor(rounding: sums, shape: target)]
    }
}

extension BroadcastLike: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        guard let target = shape.resolved(sizes) else {
            preconditionFailure("reference backend: a size of \(shape) was not set before the run.")
        }
        let x = inputs[0].floats
        let positions = broadcastPositions(from: inputs[0].shape, to: target)
        return [Tensor(positions.map { x[$0] }, shape: target)]
    }
}

extension Scale: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let made = inputs[0].doubles.map { $0 * Double(factor) }
        return [Tensor(rounding: made, shape: inputs[0].shape)]
    }
}

extension AddN: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        var sums = inputs[0].doubles
        for input in inputs.dropFirst() {
            for (index, element) in input.doubles.enumerated() { sums[index] += element }
        }
        return [Tensor(rounding: sums, shape: inputs[0].shape)]
    }
}

extension Clip: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        // NaN stays NaN: both comparisons are false for it.
        let made = inputs[0].floats.map { $0 < minimum ? minimum : $0 > maximum ? maximum : $0 }
        return [Tensor(made, shape: inputs[0].shape)]
    }
}
