public import MotetCore
import MotetNN

/// What must hold of the curve of a loss: its sign, its least place, its slope and its ends.
public struct LossCurveLaws {
    private typealias Rows = LossUnderTest.Rows

    private let loss: LossUnderTest
    private let key: RandomKey
    /// The output at which the loss of a label is least, for losses of one number that have one.
    private let best: ((Float) -> Float)?

    /// Tries laws of a loss.
    ///
    /// - Parameters:
    ///   - loss: what is judged.
    ///   - key: the seed of outputs and labels.
    ///   - best: the output at which the loss of a label is least; nil where there is none.
    public init(_ loss: LossUnderTest, key: RandomKey, best: ((Float) -> Float)? = nil) {
        self.loss = loss
        self.key = key
        self.best = best
    }

    /// Tries all laws.
    ///
    /// - Returns: the results.
    /// - Throws: what the loss throws.
    public func check() throws -> [LawResult] {
        var results = try slopes() + farOutputs()
        if loss.loss != .poisson { results.append(try sign()) }
        if loss.loss.isBinary || loss.loss.isCategorical {
            results.append(try approach())
        } else {
            results += try leastAtLabel()
        }
        return results
    }

    private func law(_ name: String) -> String { "\(loss.name): \(name)" }

    /// One row of outputs.
    private func row(_ outputs: [Float], _ label: Float) -> Rows {
        Rows(Tensor(outputs, shape: [1, outputs.count]), [label])
    }

    private func value(_ outputs: [Float], _ label: Float) throws -> Float {
        try loss.measure(row(outputs, label)).loss
    }

    private func sign() throws -> LawResult {
        let rows = loss.rows(40, key)
        var least = Float.infinity
        for index in rows.labels.indices {
            least = min(least, try loss.measure(rows.rows([index])).loss)
        }
        return LawResult(law("no loss below 0"), holds: least >= 0, "the least is \(least)")
    }

    /// The gradient is the slope of the loss, for each output of a row.
    private func slopes() throws -> [LawResult] {
        let rows = loss.rows(12, key)
        let step: Float = 1 / 32
        var (received, expected): ([Float], [Float]) = ([], [])
        for index in rows.labels.indices {
            let single = rows.rows([index])
            received += try loss.measure(single).gradient.floats
            for column in 0..<loss.width {
                func at(_ steps: Float) throws -> Double {
                    var outputs = single.outputs.floats
                    outputs[column] += steps * step
                    return Double(try value(outputs, single.labels[0]))
                }
                let slope = try 8 * (at(1) - at(-1)) - (at(2) - at(-2))
                expected.append(Float(slope / (12 * Double(step))))
            }
        }
        return [
            LawResult(
                law("the gradient is the slope"),
                received: Tensor(received),
                expected: Tensor(expected),
                // Losses up to 20 rounded to 1e-6, divided by 1/32.
                tolerance: Tolerance(relative: 2e-4, absolute: 5e-5)
            )
        ]
    }

    /// The loss is least at the label, or where its formula says, and has no slope there.
    private func leastAtLabel() throws -> [LawResult] {
        guard let best else { return [] }
        var (falls, slope): (Bool, Float) = (true, 0)
        for label: Float in [1, 2, 4, 5] {
            let place = best(label)
            let least = try loss.measure(row([place], label))
            slope = max(slope, abs(least.gradient.floats[0]))
            for distance: Float in [0.125, 0.5, 2] {
                let left = try value([place - distance], label)
                let right = try value([place + distance], label)
                falls = falls && left > least.loss && right > least.loss
            }
        }
        return [
            LawResult(law("least at the label"), holds: falls, "beside it the loss is greater"),
            LawResult(law("no slope at the label"), holds: slope < 1e-6, "greatest \(slope)"),
        ]
    }

    /// The surer of the label, the less the loss.
    private func approach() throws -> LawResult {
        var falls = true
        for label in 0..<max(2, loss.width) {
            let losses = try (-6...6).map { step -> Float in
                if loss.loss.isCategorical {
                    var outputs = [Float](repeating: 0.25, count: loss.width)
                    outputs[label] += Float(step)
                    return try value(outputs, Float(label))
                }
                return try value([Float(label == 1 ? step : -step)], Float(label))
            }
            falls = falls && zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 }
        }
        return LawResult(law("the surer of the label, the less"), holds: falls, "from -6 to 6")
    }

    /// Far outputs, where `exp` of single precision ends, keep loss and gradient finite.
    private func farOutputs() throws -> [LawResult] {
        // exp(100) is no single-precision number, and is what the loss of a rate of e^100 is.
        let places: [Float] = loss.loss == .poisson ? [-100, -90, 80] : [-100, -90, 90, 100]
        var unbounded: [String] = []
        for place in places {
            for label: Float in [0, 1] {
                var outputs = [Float](repeating: 0, count: loss.width)
                outputs[0] = place
                let measured = try loss.measure(row(outputs, label))
                let numbers = [measured.loss] + measured.gradient.floats
                if !numbers.allSatisfy(\.isFinite) { unbounded.append("\(place), \(label)") }
            }
        }
        var results = [
            LawResult(
                law("far outputs keep loss and gradient finite"),
                holds: unbounded.isEmpty,
                unbounded.joined(separator: "; ")
            )
        ]
        if loss.loss == .binaryCrossEntropy || loss.loss.isCategorical {
            var outputs = [Float](repeating: 0, count: loss.width)
            outputs[0] = 100
            let wrong: Float = loss.loss.isCategorical ? 1 : 0
            results.append(
                LawResult(
                    law("a logit of 100 for the wrong label costs 100"),
                    received: Tensor([try value(outputs, wrong)]),
                    expected: Tensor([Float(100)]),
                    tolerance: Tolerance(relative: 1e-6, absolute: 0)
                )
            )
        }
        return results
    }
}
