public import MotetCore
import MotetNN

/// What must hold of any loss: how rows and weights enter it.
public struct LossLaws {
    private let loss: LossUnderTest
    private let rows: LossUnderTest.Rows
    /// Sums in another order, and a mean divided by another number.
    private let rounding = Tolerance(relative: 2e-6, absolute: 1e-7)

    /// Tries laws on 21 rows.
    ///
    /// - Parameters:
    ///   - loss: what is judged.
    ///   - key: the seed of outputs, labels and weights.
    public init(_ loss: LossUnderTest, key: RandomKey) {
        self.loss = loss
        var rows = loss.rows(21, key)
        rows.weights = TinyData.uniform([21], key.split("weights"), in: 0.5...3).floats
        self.rows = rows
    }

    /// Tries all laws.
    ///
    /// - Returns: the results.
    /// - Throws: what the loss throws.
    public func check() throws -> [LawResult] {
        try [mean(), weightSum(), repetition(), scaledWeights(), noRows()].flatMap { $0 }
            + masked()
    }

    private func law(_ name: String) -> String { "\(loss.name): \(name)" }

    private func number(_ law: String, _ received: Float, _ expected: Float) -> LawResult {
        LawResult(
            self.law(law),
            received: Tensor([received]),
            expected: Tensor([expected]),
            tolerance: rounding
        )
    }

    /// The loss is the weighted mean of what single rows have.
    private func mean() throws -> [LawResult] {
        let whole = try loss.measure(rows)
        var (sum, weights) = (0.0, 0.0)
        for row in rows.weights.indices {
            let single = try loss.measure(rows.rows([row]))
            sum += Double(rows.weights[row]) * Double(single.loss)
            weights += Double(rows.weights[row])
        }
        return [number("a weighted mean over the rows", whole.loss, Float(sum / weights))]
    }

    private func weightSum() throws -> [LawResult] {
        let sum = rows.weights.map(Double.init).reduce(0, +)
        return [number("the sum of weights", try loss.measure(rows).weightSum, Float(sum))]
    }

    /// A row of weight w counts like w rows of weight 1.
    private func repetition() throws -> [LawResult] {
        var weighted = rows.rows([0, 1, 2, 3])
        weighted.weights = [1, 3, 2, 1]
        var repeated = rows.rows([0, 1, 1, 1, 2, 2, 3])
        repeated.weights = [1, 1, 1, 1, 1, 1, 1]
        let (one, many) = (try loss.measure(weighted), try loss.measure(repeated))
        let sums = [[0], [1, 2, 3], [4, 5], [6]].flatMap { part -> [Float] in
            let gradients = part.map { many.gradient.rows([$0]).floats }
            return gradients[0].indices.map { column in
                gradients.map { $0[column] }.reduce(0, +)
            }
        }
        return [
            number("weight w is the row w times", one.loss, many.loss),
            LawResult(
                law("weight w is the row w times, in the gradient"),
                received: one.gradient,
                expected: Tensor(sums, shape: one.gradient.shape),
                tolerance: rounding
            ),
        ]
    }

    /// All weights times a power of 2 change nothing but their sum.
    private func scaledWeights() throws -> [LawResult] {
        var heavier = rows
        heavier.weights = rows.weights.map { 8 * $0 }
        let (before, after) = (try loss.measure(rows), try loss.measure(heavier))
        return [
            number("weights count relative to each other", after.loss, before.loss),
            LawResult(
                law("weights count relative to each other, in the gradient"),
                received: after.gradient,
                expected: before.gradient,
                tolerance: rounding
            ),
        ]
    }

    /// Without a row that counts there is no loss and no gradient.
    private func noRows() throws -> [LawResult] {
        var none = rows
        none.weights = rows.weights.map { _ in 0 }
        let measured = try loss.measure(none)
        return [
            LawResult(
                law("no row, no loss and no gradient"),
                received: Tensor([measured.loss, measured.weightSum] + measured.gradient.floats),
                expected: Tensor(zeros: [2 + measured.gradient.count])
            )
        ]
    }

    /// A row of weight 0 has no effect at all, whatever it holds.
    private func masked() throws -> [LawResult] {
        let hidden = [2, 7, 20]
        let others = rows.weights.indices.filter { !hidden.contains($0) }
        var masked = rows
        for row in hidden { masked.weights[row] = 0 }
        var wild = masked
        var outputs = masked.outputs.floats
        for row in hidden {
            let width = loss.loss.labelWidth
            for place in width * row..<width * (row + 1) { wild.labels[place] = .nan }
            for column in 0..<loss.width { outputs[row * loss.width + column] = 60 }
        }
        wild.outputs = Tensor(outputs, shape: masked.outputs.shape)
        let (plain, other) = (try loss.measure(masked), try loss.measure(wild))
        let without = try loss.measure(masked.rows(others))
        return [
            LawResult(
                law("what a masked row holds changes no bit"),
                received: Tensor([other.loss, other.weightSum] + other.gradient.floats),
                expected: Tensor([plain.loss, plain.weightSum] + plain.gradient.floats)
            ),
            LawResult(
                law("a masked row has no gradient"),
                received: plain.gradient.rows(hidden),
                expected: Tensor(zeros: [hidden.count, loss.width])
            ),
            number("a masked row is a row left out", plain.loss, without.loss),
            LawResult(
                law("a masked row is a row left out, in the gradient"),
                received: plain.gradient.rows(others),
                expected: without.gradient,
                tolerance: rounding
            ),
        ]
    }
}
