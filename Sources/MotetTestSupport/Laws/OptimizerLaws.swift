public import MotetCore
import MotetGraph

/// What must hold of a rule that updates a dense parameter, whatever its numbers.
public struct OptimizerLaws {
    private let update: UpdateUnderTest
    private let parameter: Tensor
    private let gradients: [Tensor]
    /// Both sides of a law round each step to single precision, in another order.
    private let rounding = Tolerance(relative: 2e-6, absolute: 1e-7)

    /// Tries laws on a parameter of an odd width, so that vectors and what is left of them are used.
    ///
    /// - Parameters:
    ///   - update: what is judged.
    ///   - key: the seed of parameter and gradients.
    public init(_ update: UpdateUnderTest, key: RandomKey) {
        self.update = update
        parameter = TinyData.normal([6, 19], key.split("parameter"))
        gradients = (0..<3).map { TinyData.awayFromZero([6, 19], key.split($0)) }
    }

    /// Tries all laws.
    ///
    /// - Returns: one result for each.
    /// - Throws: what the update throws.
    public func check() throws -> [LawResult] {
        var results = [
            try zeroGradient(), try zeroRate(), try scaledGradient(), try penalty(),
            try permutedRows(), try descent(),
        ]
        switch update.rule {
        case .sgd: results.append(try homogeneity())
        case .adagrad, .rowWiseAdagrad, .adam: results.append(try scaleInvariance())
        }
        return results
    }

    private func law(_ name: String) -> String { "\(update.name): \(name)" }

    /// The decay of AdamW, which moves parameters without a gradient.
    private var decay: Float {
        if case .adam(_, _, _, let decay) = update.rule { decay } else { 0 }
    }

    /// From fresh states a gradient of 0 leaves the parameter as it is, decay apart.
    private func zeroGradient() throws -> LawResult {
        let none = Tensor(zeros: parameter.shape)
        let moved = try update.steps([none, none], from: update.start(parameter))
        let factor = 1 - 0.05 * decay
        return LawResult(
            law("a gradient of 0 changes nothing but by decay"),
            received: moved[0],
            expected: parameter.mapped { $0 * factor * factor },
            tolerance: decay == 0 ? .exact : rounding
        )
    }

    /// A learning rate of 0 leaves the parameter as it is.
    private func zeroRate() throws -> LawResult {
        let moved = try update.steps(gradients, from: update.start(parameter)) {
            $0.learningRate = 0
        }
        return LawResult(
            law("a learning rate of 0 changes nothing"),
            received: moved[0],
            expected: parameter
        )
    }

    /// The scale, a power of 2, does what multiplying the gradient does.
    private func scaledGradient() throws -> LawResult {
        let scaled = try update.steps(gradients, from: update.start(parameter)) { $0.scale = 0.25 }
        let multiplied = try update.steps(
            gradients.map { gradient in gradient.mapped { $0 / 4 } },
            from: update.start(parameter)
        )
        return LawResult(
            law("the scale multiplies the gradient"),
            received: scaled[0],
            expected: multiplied[0]
        )
    }

    /// L2 adds `l2 * p` to the gradient, after the scale.
    private func penalty() throws -> LawResult {
        let penalised = try update.steps([gradients[0]], from: update.start(parameter)) {
            $0.l2 = 0.5
            $0.scale = 0.25
        }
        let sum = zip(gradients[0].floats, parameter.floats).map { $0 / 4 + $1 / 2 }
        let added = try update.steps(
            [Tensor(sum, shape: parameter.shape)],
            from: update.start(parameter)
        )
        return LawResult(
            law("L2 adds l2 * p to the scaled gradient"),
            received: penalised[0],
            expected: added[0],
            tolerance: rounding
        )
    }

    /// Rows do not know each other.
    private func permutedRows() throws -> LawResult {
        let order = [4, 1, 5, 0, 3, 2]
        let plain = try update.steps(gradients, from: update.start(parameter))
        let permuted = try update.steps(
            gradients.map { $0.rows(order) },
            from: update.start(parameter.rows(order))
        )
        return LawResult(
            law("rows in another order give the same rows"),
            received: permuted[0],
            expected: plain[0].rows(order),
            tolerance: rounding
        )
    }

    /// On half the square of the parameter every rule finds its way down.
    private func descent() throws -> LawResult {
        var values = update.start(parameter)
        for number in 1...60 {
            var step = UpdateUnderTest.Step(values: values, gradient: values[0], ids: nil, count: 0)
            step.number = Int32(number)
            values = try update.apply(step)
        }
        func square(_ tensor: Tensor) -> Double { tensor.numbers.map { $0 * $0 }.reduce(0, +) }
        let (before, after) = (square(parameter), square(values[0]))
        return LawResult(
            law("60 steps down a bowl come lower"),
            holds: after < 0.7 * before,
            "\(before) -> \(after)"
        )
    }

    /// The way of SGD is as many times as long as the gradient.
    private func homogeneity() throws -> LawResult {
        let zero = Tensor(zeros: parameter.shape)
        let once = try update.steps(gradients, from: update.start(zero))
        let larger = gradients.map { gradient in gradient.mapped { 4 * $0 } }
        let often = try update.steps(larger, from: update.start(zero))
        return LawResult(
            law("4 times the gradient goes 4 times the way"),
            received: often[0],
            expected: once[0].mapped { 4 * $0 }
        )
    }

    /// The way of an adaptive rule does not depend on the gradient's size, epsilon apart.
    private func scaleInvariance() throws -> LawResult {
        let once = try update.steps(gradients, from: update.start(parameter))
        let larger = gradients.map { gradient in gradient.mapped { 1024 * $0 } }
        let often = try update.steps(larger, from: update.start(parameter))
        return LawResult(
            law("1024 times the gradient goes the same way"),
            received: often[0],
            expected: once[0],
            // Epsilons of up to 1e-4 against gradients of at least 1/8.
            tolerance: Tolerance(relative: 1e-4, absolute: 1e-4)
        )
    }
}
