import MotetCore
import MotetGraph

/// A number with its derivatives by the four numbers of a box: the chain rule, done forwards.
private struct Dual {
    var value: Double
    var slopes: [Double]

    init(_ value: Double, _ slopes: [Double] = [0, 0, 0, 0]) {
        self.value = value
        self.slopes = slopes
    }

    /// The numbers of a box as variables.
    static func variables(_ numbers: ArraySlice<Double>) -> [Dual] {
        numbers.enumerated().map { index, value in
            Dual(value, (0..<4).map { $0 == index ? 1 : 0 })
        }
    }

    private static func join(
        _ value: Double,
        _ a: Dual,
        _ byA: Double,
        _ b: Dual,
        _ byB: Double
    ) -> Dual {
        Dual(value, zip(a.slopes, b.slopes).map { byA * $0 + byB * $1 })
    }

    static func + (a: Dual, b: Dual) -> Dual { join(a.value + b.value, a, 1, b, 1) }
    static func - (a: Dual, b: Dual) -> Dual { join(a.value - b.value, a, 1, b, -1) }
    static func * (a: Dual, b: Dual) -> Dual {
        join(a.value * b.value, a, b.value, b, a.value)
    }
    static func / (a: Dual, b: Dual) -> Dual {
        join(a.value / b.value, a, 1 / b.value, b, -a.value / (b.value * b.value))
    }

    /// The smaller; where both are equal, the second.
    static func least(_ a: Dual, _ b: Dual) -> Dual { a.value < b.value ? a : b }
    /// The greater; where both are equal, the second.
    static func greatest(_ a: Dual, _ b: Dual) -> Dual { a.value > b.value ? a : b }
}

extension BoxLossKind {
    /// The loss of a predicted box and its derivatives, given the label.
    fileprivate func value(_ x: ArraySlice<Double>, _ y: ArraySlice<Double>) -> Dual {
        let (box, label) = (Dual.variables(x), y.map { Dual($0) })
        switch self {
        case .huber(let delta):
            let terms = zip(box, label).map { huber($0 - $1, Double(delta)) }
            return terms.reduce(Dual(0), +) / Dual(4)
        case .iou: return Dual(1) - overlap(box, label).ratio
        case .giou:
            let (ratio, union, span) = overlap(box, label)
            guard span.value > 0 else { return Dual(1) - ratio }
            return Dual(1) - ratio + (span - union) / span
        }
    }

    private func huber(_ distance: Dual, _ delta: Double) -> Dual {
        let size = abs(distance.value)
        if size <= delta { return distance * distance / Dual(2) }
        let sign: Double = distance.value > 0 ? 1 : -1
        return Dual(delta) * (Dual(sign) * distance - Dual(delta / 2))
    }

    private func overlap(
        _ box: [Dual],
        _ label: [Dual]
    ) -> (ratio: Dual, union: Dual, span: Dual) {
        var shared = Dual(1)
        var areas = (Dual(1), Dual(1))
        var span = Dual(1)
        for axis in 0..<2 {
            let (p, q) = ordered(box[axis], box[axis + 2])
            let (u, v) = ordered(label[axis], label[axis + 2])
            areas = (areas.0 * (q - p), areas.1 * (v - u))
            shared =
                shared * .greatest(.least(q, v) - .greatest(p, u), Dual(0))
            span = span * (.greatest(q, v) - .least(p, u))
        }
        let union = areas.0 + areas.1 - shared
        return (union.value > 0 ? shared / union : Dual(0), union, span)
    }

    private func ordered(_ a: Dual, _ b: Dual) -> (Dual, Dual) {
        a.value <= b.value ? (a, b) : (b, a)
    }
}

extension BoxLoss: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, y, weights) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        var (loss, sum) = (0.0, 0.0)
        for row in weights.indices where weights[row] > 0 {
            let numbers = 4 * row..<4 * row + 4
            loss += weights[row] * kind.value(x[numbers], y[numbers]).value
            sum += weights[row]
        }
        return [Tensor(scalar: sum > 0 ? loss / sum : 0), Tensor(scalar: sum)]
    }
}

extension BoxLossGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, y, weights) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        let factor = inputs[4].scalar / inputs[3].scalar
        let made = weights.indices.flatMap { row -> [Double] in
            guard weights[row] > 0 else { return [0, 0, 0, 0] }
            let numbers = 4 * row..<4 * row + 4
            return kind.value(x[numbers], y[numbers]).slopes.map {
                factor * weights[row] * $0
            }
        }
        return [Tensor(rounding: made, shape: inputs[0].shape)]
    }
}
