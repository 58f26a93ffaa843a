import MotetCore
import MotetGraph
import MotetReference
import MotetTestSupport
import Testing

/// Each law finds a fault planted for it.
@Suite("Planted faults of optimizers") struct OptimizerLawFaultTests {
    typealias Step = UpdateUnderTest.Step

    /// A fault: what it does to a step before, and to the values after it.
    struct Fault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let law: String
        var rule = UpdateRule.adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0)
        var before: @Sendable (inout Step) -> Void = { _ in }
        var after: @Sendable (Step, inout [Tensor]) -> Void = { _, _ in }

        var update: UpdateUnderTest {
            let right = UpdateUnderTest(rule, on: ReferenceBackend())
            return UpdateUnderTest(testDescription, rule: rule) { step in
                var changed = step
                before(&changed)
                var values = try right.apply(changed)
                after(step, &values)
                return values
            }
        }
    }

    private static func edit(_ tensor: inout Tensor, _ change: (inout [Float]) -> Void) {
        var values = tensor.floats
        change(&values)
        tensor = Tensor(values, shape: tensor.shape)
    }

    static let dense: [Fault] = [
        Fault(testDescription: "drift", law: "a gradient of 0") { _, values in
            edit(&values[0]) { $0[7] += 1e-6 }
        },
        Fault(testDescription: "a least rate", law: "a learning rate of 0") {
            $0.learningRate = max($0.learningRate, 1e-4)
        },
        Fault(testDescription: "no scale", law: "the scale", rule: sgd) { $0.scale = 1 },
        Fault(testDescription: "L2 of a tenth", law: "L2 adds", rule: sgd) { $0.l2 *= 0.9 },
        Fault(testDescription: "the first row only", law: "rows in another order") {
            step,
            values in
            edit(&values[0]) { new in
                for index in 19..<new.count { new[index] = step.values[0].floats[index] }
            }
        },
        Fault(testDescription: "uphill", law: "60 steps") { $0.learningRate = -$0.learningRate },
        Fault(testDescription: "signs only", law: "4 times", rule: sgd) { step in
            edit(&step.gradient) { $0 = $0.map { $0 < 0 ? -1 : $0 > 0 ? 1 : 0 } }
        },
        Fault(testDescription: "clipped gradients", law: "1024 times") { step in
            edit(&step.gradient) { $0 = $0.map { min(max($0, -1), 1) } }
        },
    ]

    static let rows: [Fault] = [
        Fault(testDescription: "a touched neighbour", law: "untouched rows") { step, values in
            if step.ids != nil { edit(&values[0]) { $0[2 * 19] *= 1.0001 } }
        },
        Fault(testDescription: "moments that decay everywhere", law: "untouched rows of value 2") {
            step,
            values in
            if step.ids != nil { edit(&values[2]) { $0 = $0.map { 0.999 * $0 + 1e-9 } } }
        },
        Fault(testDescription: "a step number of the row's own", law: "with all rows touched") {
            if $0.ids != nil { $0.number = 1 }
        },
        Fault(testDescription: "no L2 on rows", law: "with all rows touched", rule: sgd) {
            if $0.ids != nil { $0.l2 = 0 }
        },
        Fault(testDescription: "the first id only", law: "ids in another order") {
            if $0.ids != nil { $0.count = 1 }
        },
        Fault(testDescription: "every id", law: "ids beyond the count") {
            if let ids = $0.ids { $0.count = ids.count }
        },
        Fault(
            testDescription: "a sum of squares",
            law: "the state of a row",
            rule: .rowWiseAdagrad(epsilon: 1e-10)
        ) { _, values in
            edit(&values[1]) { $0 = $0.map { 19 * $0 } }
        },
    ]

    private static let sgd = UpdateRule.sgd(momentum: 0, nesterov: false)

    @Test(arguments: dense)
    func denseLawsFindTheFault(fault: Fault) throws {
        let results = try OptimizerLaws(fault.update, key: RandomKey(seed: 3)).check()
        let broken = results.filter { !$0.holds }
        #expect(broken.contains { $0.law.contains(fault.law) }, "\(results)")
    }

    @Test(arguments: rows)
    func lawsOfRowsFindTheFault(fault: Fault) throws {
        let results = try RowUpdateLaws(fault.update, key: RandomKey(seed: 4)).check()
        let broken = results.filter { !$0.holds }
        #expect(broken.contains { $0.law.contains(fault.law) }, "\(results)")
    }
}

extension OptimizerLawFaultTests.Fault {
    init(
        testDescription: String,
        law: String,
        rule: UpdateRule? = nil,
        _ before: @escaping @Sendable (inout UpdateUnderTest.Step) -> Void
    ) {
        self.init(testDescription: testDescription, law: law)
        if let rule { self.rule = rule }
        self.before = before
    }

    init(
        testDescription: String,
        law: String,
        rule: UpdateRule? = nil,
        _ after: @escaping @Sendable (UpdateUnderTest.Step, inout [Tensor]) -> Void
    ) {
        self.init(testDescription: testDescription, law: law)
        if let rule { self.rule = rule }
        self.after = after
    }
}
