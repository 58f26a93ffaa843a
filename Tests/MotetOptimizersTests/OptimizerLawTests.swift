import MotetCore
import MotetGraph
import MotetOneDNN
import MotetReference
import MotetTestSupport
import Testing

@Suite("Laws of optimizers") struct OptimizerLawTests {
    static let rules: [UpdateRule] = [
        .sgd(momentum: 0, nesterov: false), .sgd(momentum: 0.9, nesterov: false),
        .sgd(momentum: 0.9, nesterov: true), .adagrad(epsilon: 1e-10),
        .rowWiseAdagrad(epsilon: 1e-10),
        .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0),
        .adam(beta1: 0.8, beta2: 0.99, epsilon: 1e-6, decay: 0.1),
    ]
    static let backends: [any Backend] = [ReferenceBackend(), OneDNNBackend()]

    @Test(arguments: rules, [0, 1])
    func denseUpdatesKeepTheirLaws(rule: UpdateRule, backend: Int) throws {
        let update = UpdateUnderTest(rule, on: Self.backends[backend])
        for result in try OptimizerLaws(update, key: RandomKey(seed: 3)).check() {
            #expect(result.holds, "\(result)")
        }
    }

    @Test(arguments: rules, [0, 1])
    func updatesOfRowsKeepTheirLaws(rule: UpdateRule, backend: Int) throws {
        let update = UpdateUnderTest(rule, on: Self.backends[backend])
        for result in try RowUpdateLaws(update, key: RandomKey(seed: 4)).check() {
            #expect(result.holds, "\(result)")
        }
    }
}
