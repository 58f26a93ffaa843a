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
    static let backends: [any Backend] = [ReferenceBackend(), OneDNNBackend()]

    @Test(arguments: losses, [0, 1])
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
}
