import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetReference
import MotetTestSupport
import Testing

@Suite("Laws of losses") struct LossLawTests {
    static let losses: [Loss] = [
        .binaryCrossEntropy, .focal(), .focal(gamma: 1.5, alpha: 0.75), .categoricalCrossEntropy,
        .squaredError, .absoluteError, .huber(), .huber(delta: 0.25), .poisson, .quantile(0.1),
        .quantile(0.9),
    ]
    /// Its curve has its least away from the label, as is meant.
    static let smoothed = Loss.categoricalCrossEntropy(labelSmoothing: 0.1)
    static let boxLosses: [Loss] = [.boxHuber(), .boxHuber(delta: 0.25), .iou, .giou]
    /// Its gradient is not the slope of its curve, as is meant.
    static let delayed = Loss.fakeNegativeWeighted
    static let backends: [any Backend] = [ReferenceBackend(), OneDNNBackend()]

    @Test(arguments: losses + [smoothed, delayed] + boxLosses, [0, 1])
    func rowsAndWeightsKeepTheirLaws(loss: Loss, backend: Int) throws {
        let tested = LossUnderTest(loss, on: Self.backends[backend])
        for result in try LossLaws(tested, key: RandomKey(seed: 5)).check() {
            #expect(result.holds, "\(result)")
        }
    }

    @Test(arguments: losses, [0, 1])
    func curvesKeepTheirLaws(loss: Loss, backend: Int) throws {
        let tested = LossUnderTest(loss, on: Self.backends[backend])
        let best: (Float) -> Float = { label in
            loss == .poisson ? Float(logarithm(Double(label))) : label
        }
        let laws = LossCurveLaws(tested, key: RandomKey(seed: 6), best: best)
        for result in try laws.check() { #expect(result.holds, "\(result)") }
    }

    /// The mean gradient is 0 where the prediction is the true rate `r`, and points there from either side.
    ///
    /// Of `n` rows, each learnt as a negative at once, `n r` come again as positives. Plain cross-entropy has its least at
    /// `r / (1 + r)`.
    @Test(arguments: [0.02, 0.3, 0.8], [0, 1])
    func rowsThatComeAgainDoNotMoveTheRate(rate: Double, backend: Int) throws {
        let (rows, positives) = (1000, Int(rate * 1000))
        let labels =
            [Float](repeating: 0, count: rows) + [Float](repeating: 1, count: positives)
        func gradient(_ loss: Loss, at p: Double) throws -> Double {
            let logit = Float(logarithm(p / (1 - p)))
            let outputs = Tensor(
                [Float](repeating: logit, count: labels.count),
                shape: [labels.count, 1]
            )
            let tested = LossUnderTest(loss, on: Self.backends[backend])
            let gradient = try tested.measure(.init(outputs, labels)).gradient
            return gradient.floats.reduce(0) { $0 + Double($1) }
        }
        #expect(abs(try gradient(.fakeNegativeWeighted, at: rate)) < 1e-6)
        #expect(try gradient(.fakeNegativeWeighted, at: rate * 0.9) < -1e-4)
        #expect(try gradient(.fakeNegativeWeighted, at: rate + (1 - rate) * 0.1) > 1e-4)
        #expect(abs(try gradient(.binaryCrossEntropy, at: rate / (1 + rate))) < 1e-6)
    }

    /// A box away from its label is drawn towards it by every loss that can see it.
    @Test(arguments: [Loss.boxHuber(), .giou], [0, 1])
    func boxesApartAreDrawnTogether(loss: Loss, backend: Int) throws {
        let tested = LossUnderTest(loss, on: Self.backends[backend])
        let far = Tensor([0, 0, 1, 1] as [Float], shape: [1, 4])
        let near = Tensor([1, 0.5, 2, 1.5] as [Float], shape: [1, 4])
        let label: [Float] = [3, 2, 4, 3]
        let (one, other) = (
            try tested.measure(.init(far, label)), try tested.measure(.init(near, label))
        )
        #expect(one.loss > other.loss)
        // The corners nearest to the label are moved towards it.
        #expect(one.gradient.floats[2] < 0 && one.gradient.floats[3] < 0)
    }

    /// Nothing to gain: the same box has no loss and, but for the kinks of overlaps, no gradient.
    @Test(arguments: boxLosses, [0, 1])
    func theLabelItselfHasNoLoss(loss: Loss, backend: Int) throws {
        let tested = LossUnderTest(loss, on: Self.backends[backend])
        let box: [Float] = [0.5, 1, 2, 4]
        let measured = try tested.measure(.init(Tensor(box, shape: [1, 4]), box))
        #expect(abs(measured.loss) < 1e-6)
        #expect(measured.gradient.floats.allSatisfy { $0.isFinite })
    }

    @Test func boxesHaveLabelsOfFourNumbers() throws {
        #expect(Self.boxLosses.allSatisfy { $0.labelWidth == 4 })
        #expect(Self.losses.allSatisfy { $0.labelWidth == 1 })
        var builder = GraphBuilder()
        let output = try builder.input("x", TensorType([.batch, 3]))
        let weights = try builder.input("w", TensorType([.batch]))
        let error = #expect(throws: GraphError.self) {
            _ = try Loss.giou.apply(output: output, labels: output, weights: weights, in: &builder)
        }
        #expect(
            error?.message
                == "the output has the wrong shape for its loss; expected boxes, [B, 4]; received [B, 3]."
        )
    }
}
