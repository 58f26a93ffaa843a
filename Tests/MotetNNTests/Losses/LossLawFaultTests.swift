import MotetCore
import MotetNN
import MotetReference
import MotetTestSupport
import Testing

/// Each law finds a fault planted for it.
@Suite("Planted faults of losses") struct LossLawFaultTests {
    typealias Rows = LossUnderTest.Rows
    typealias Measured = LossUnderTest.Measured

    /// A fault: what it does to the rows before, and to what was measured after.
    struct Fault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let law: String
        let loss: Loss
        let measure: @Sendable (Rows, (Rows) throws -> Measured) throws -> Measured

        init(
            _ name: String,
            breaks law: String,
            _ loss: Loss = .binaryCrossEntropy,
            measure: @escaping @Sendable (Rows, (Rows) throws -> Measured) throws -> Measured
        ) {
            testDescription = name
            self.law = law
            self.loss = loss
            self.measure = measure
        }

        var tested: LossUnderTest {
            let right = LossUnderTest(loss, on: ReferenceBackend())
            return LossUnderTest(testDescription, loss) { try measure($0, right.measure) }
        }
    }

    private static func scaled(_ tensor: Tensor, _ factor: (Int) -> Float) -> Tensor {
        Tensor(tensor.floats.enumerated().map { $1 * factor($0) }, shape: tensor.shape)
    }

    static let faults: [Fault] = [
        Fault("a plain mean", breaks: "a weighted mean over the rows") { rows, right in
            var rows = rows
            rows.weights = rows.weights.map { $0 > 0 ? 1 : 0 }
            return try right(rows)
        },
        Fault("a count for the sum", breaks: "the sum of weights") { rows, right in
            var measured = try right(rows)
            measured.weightSum = Float(rows.weights.filter { $0 > 0 }.count)
            return measured
        },
        Fault("roots of weights", breaks: "weight w is the row w times") { rows, right in
            var rows = rows
            rows.weights = rows.weights.map { $0.squareRoot() }
            return try right(rows)
        },
        Fault("a sum in the gradient", breaks: "weights count relative to each other") {
            rows,
            right in
            var measured = try right(rows)
            let sum = measured.weightSum
            measured.gradient = scaled(measured.gradient) { _ in sum }
            return measured
        },
        Fault("a division by zero rows", breaks: "no row, no loss") { rows, right in
            var measured = try right(rows)
            if measured.weightSum == 0 { measured.loss = .nan }
            return measured
        },
        Fault("a product with NaN", breaks: "what a masked row holds") { rows, right in
            var measured = try right(rows)
            for (label, weight) in zip(rows.labels, rows.weights) {
                measured.loss += label * weight * 0
            }
            return measured
        },
        Fault("a gradient without its weight", breaks: "a masked row has no gradient") {
            rows,
            right in
            var all = rows
            all.weights = rows.weights.map { _ in 1 }
            all.labels = rows.labels.map { $0.isNaN ? 0 : $0 }
            var measured = try right(rows)
            measured.gradient = try right(all).gradient
            return measured
        },
        Fault("a masked row in the mean", breaks: "a masked row is a row left out") {
            rows,
            right in
            var measured = try right(rows)
            let counted = rows.weights.filter { $0 > 0 }.count
            measured.loss *= Float(counted) / Float(rows.weights.count)
            return measured
        },
    ]

    static let curveFaults: [Fault] = [
        Fault("an offset", breaks: "no loss below 0") { rows, right in
            var measured = try right(rows)
            measured.loss -= 0.2
            return measured
        },
        Fault("half the slope", breaks: "the gradient is the slope", .squaredError) {
            rows,
            right in
            var measured = try right(rows)
            measured.gradient = scaled(measured.gradient) { _ in 0.5 }
            return measured
        },
        Fault("a slope of another output", breaks: "the slope", .categoricalCrossEntropy) {
            rows,
            right in
            var measured = try right(rows)
            measured.gradient = scaled(measured.gradient) { $0 % 5 == 3 ? -1 : 1 }
            return measured
        },
        Fault("a shifted label", breaks: "least at the label", .huber()) { rows, right in
            var rows = rows
            rows.labels = rows.labels.map { $0 + 0.25 }
            return try right(rows)
        },
        Fault("a slope at rest", breaks: "no slope at the label", .squaredError) { rows, right in
            var measured = try right(rows)
            measured.gradient = Tensor(
                measured.gradient.floats.map { $0 + 1e-4 },
                shape: measured.gradient.shape
            )
            return measured
        },
        Fault("labels exchanged", breaks: "the surer of the label") { rows, right in
            var rows = rows
            rows.labels = rows.labels.map { 1 - $0 }
            return try right(rows)
        },
        Fault("a probability and its logarithm", breaks: "far outputs") { rows, right in
            var measured = try right(rows)
            if abs(rows.outputs.floats[0]) > 89 { measured.loss = .infinity }
            return measured
        },
        Fault("a clamped logit", breaks: "a logit of 100") { rows, right in
            var rows = rows
            rows.outputs = Tensor(
                rows.outputs.floats.map { min(max($0, -30), 30) },
                shape: rows.outputs.shape
            )
            return try right(rows)
        },
    ]

    @Test(arguments: faults)
    func lawsOfRowsFindTheFault(fault: Fault) throws {
        let results = try LossLaws(fault.tested, key: RandomKey(seed: 5)).check()
        #expect(results.contains { !$0.holds && $0.law.contains(fault.law) }, "\(results)")
    }

    @Test(arguments: curveFaults)
    func lawsOfCurvesFindTheFault(fault: Fault) throws {
        let laws = LossCurveLaws(fault.tested, key: RandomKey(seed: 6)) { $0 }
        let results = try laws.check()
        #expect(results.contains { !$0.holds && $0.law.contains(fault.law) }, "\(results)")
    }
}
