import MotetCore
import Testing

@testable import MotetMultiTask

/// A rule, and what it promises beside its formula.
struct RuleUnderTest: CustomTestStringConvertible, Sendable {
    let rule: any GradientWeighting
    /// The direction opposes no task's gradient.
    var isConflictFree = false
    /// Where no direction helps all tasks it is zero.
    var stopsAtStationaryPoints = false
    /// The order of the tasks does not matter.
    var isSymmetric = true
    /// Gradients all `c` times as long give a direction `c` times as long.
    var isHomogeneous = true
    var testDescription: String { type(of: rule).name }

    static let all = [
        RuleUnderTest(rule: SumOfGradients()), RuleUnderTest(rule: MeanOfGradients()),
        RuleUnderTest(rule: PCGrad(), isSymmetric: false),
        RuleUnderTest(rule: GradVac(), isSymmetric: false),
        RuleUnderTest(rule: MGDA(), isConflictFree: true, stopsAtStationaryPoints: true),
        RuleUnderTest(rule: CAGrad(c: 0.5)),
        RuleUnderTest(rule: UPGrad(), isConflictFree: true, stopsAtStationaryPoints: true),
        RuleUnderTest(rule: IMTLG()), RuleUnderTest(rule: AlignedMTL()),
        RuleUnderTest(rule: ConFIG(), isConflictFree: true),
        RuleUnderTest(rule: NashMTL(), isConflictFree: true),
        RuleUnderTest(rule: FairGrad(alpha: 2), isConflictFree: true, isHomogeneous: false),
        RuleUnderTest(rule: DualBalancing()),
        RuleUnderTest(rule: MetaBalance(), isSymmetric: false),
        RuleUnderTest(rule: MoCo(), isHomogeneous: false),
    ]
}

@Suite("Laws of aggregation") struct AggregationLawTests {
    /// Independent gradients, so that every rule is defined.
    private func sample(_ seed: Int, tasks: Int = 4) -> [[Double]] {
        var generator = RandomKey(seed: UInt64(seed)).generator()
        return (0..<tasks).map { task in
            (0..<12).map { _ in generator.nextNormal() * Double(task + 1) }
        }
    }

    private func direction(
        _ rule: any GradientWeighting,
        _ gradients: [[Double]]
    ) throws -> [Double] {
        var state = AggregationState()
        let weights = rule.weights(Gramian(of: gradients), &state, key: RandomKey(seed: 3))
        return MotetMultiTaskTests.direction(try #require(weights), gradients)
    }

    @Test(arguments: RuleUnderTest.all)
    func oneTaskKeepsItsDirection(subject: RuleUnderTest) throws {
        let gradients = sample(1, tasks: 1)
        let made = try direction(subject.rule, gradients)
        let cosine =
            dot(made, gradients[0])
            / (dot(made, made) * dot(gradients[0], gradients[0])).squareRoot()
        #expect(cosine > 1 - 1e-12)
    }

    @Test(arguments: RuleUnderTest.all.filter(\.isConflictFree))
    func noTaskIsOpposed(subject: RuleUnderTest) throws {
        for seed in 0..<40 {
            let gradients = sample(seed)
            let made = try direction(subject.rule, gradients)
            for gradient in gradients {
                let size = (dot(made, made) * dot(gradient, gradient)).squareRoot()
                #expect(dot(made, gradient) >= -1e-7 * size, "seed \(seed)")
            }
        }
    }

    @Test(arguments: RuleUnderTest.all.filter(\.isSymmetric))
    func theOrderOfTasksDoesNotMatter(subject: RuleUnderTest) throws {
        for seed in 0..<10 {
            let gradients = sample(seed)
            let turned = [2, 0, 3, 1].map { gradients[$0] }
            let error = distance(
                try direction(subject.rule, gradients),
                try direction(subject.rule, turned)
            )
            #expect(error < 1e-6, "seed \(seed): \(error)")
        }
    }

    @Test(arguments: RuleUnderTest.all.filter(\.isHomogeneous))
    func longerGradientsGiveALongerDirection(subject: RuleUnderTest) throws {
        for factor in [1e-6, 7, 1e5] {
            let gradients = sample(5)
            let longer = gradients.map { $0.map { $0 * factor } }
            let expected = try direction(subject.rule, gradients).map { $0 * factor }
            let error = distance(try direction(subject.rule, longer), expected)
            #expect(error < 1e-6, "factor \(factor): \(error)")
        }
    }

    @Test(arguments: RuleUnderTest.all.filter(\.stopsAtStationaryPoints))
    func nothingMovesWhereNoDirectionHelpsAll(subject: RuleUnderTest) throws {
        let gradients = [[1.0, 2, -1], [-2, -4, 2], [0.5, 1, -0.5]]
        let made = try direction(subject.rule, gradients)
        #expect(dot(made, made).squareRoot() < 1e-3, "\(made)")
    }

    @Test(arguments: RuleUnderTest.all)
    func zeroGradientsGiveFiniteWeights(subject: RuleUnderTest) throws {
        for gradients in [[[0.0, 0], [0, 0]], [[1.0, 0], [0, 0]], [[1.0, 1], [1, 1]]] {
            var state = AggregationState()
            let made = subject.rule.weights(
                Gramian(of: gradients),
                &state,
                key: RandomKey(seed: 0)
            )
            let weights = try #require(made, "\(gradients)")
            let areFinite = weights.allSatisfy { $0.isFinite }
            #expect(areFinite, "\(gradients): \(weights)")
        }
    }

    @Test func projectionsOfImpartialLearningAreEqual() throws {
        let gradients = sample(8)
        let made = try direction(IMTLG(), gradients)
        let lengths = gradients.map { dot(made, $0) / dot($0, $0).squareRoot() }
        for length in lengths { #expect(abs(length - lengths[0]) < 1e-9 * abs(lengths[0])) }
    }

    @Test func bargainsAreStationary() throws {
        let gradients = sample(9)
        let gramian = Gramian(of: gradients)
        for alpha in [0.1, 0.5, 1, 2, 10] {
            let weights = try #require(FairAllocation(alpha: alpha).solution(gramian))
            for (product, weight) in zip(gramian.products(with: weights), weights) {
                let expected = PowerFunction.value(weight, -1 / alpha)
                #expect(abs(product - expected) < 1e-6 * expected, "alpha \(alpha)")
            }
        }
    }

    @Test func lengthsOfDualBalancingAreEqual() throws {
        let gradients = sample(10)
        var state = AggregationState()
        let weights = try #require(
            DualBalancing().weights(Gramian(of: gradients), &state, key: RandomKey(seed: 0))
        )
        let lengths = zip(weights, gradients).map { $0 * dot($1, $1).squareRoot() }
        let longest = gradients.map { dot($0, $0).squareRoot() }.max() ?? 0
        for length in lengths { #expect(abs(length - longest) < 1e-12 * longest) }
    }

    @Test func metaBalanceFollowsItsFormulaOverSteps() throws {
        let rule = MetaBalance(target: 1, relax: 0.6, beta: 0.8)
        var state = AggregationState()
        let first = Gramian(of: [[3.0, 0], [0, 4]])
        _ = rule.weights(first, &state, key: RandomKey(seed: 0))
        let second = Gramian(of: [[1.0, 0], [0, 2]])
        let weights = try #require(rule.weights(second, &state, key: RandomKey(seed: 0)))
        let averages = [0.8 * 0.2 * 3 + 0.2 * 1, 0.8 * 0.2 * 4 + 0.2 * 2]
        #expect(abs(weights[0] - (0.6 * averages[1] / averages[0] + 0.4)) < 1e-12)
        #expect(weights[1] == 1)
    }

    @Test func weightsOfMoCoApproachThoseOfMGDA() throws {
        let gradients = sample(11)
        let gramian = Gramian(of: gradients)
        var state = AggregationState()
        var weights: [Double] = []
        for _ in 0..<4000 {
            weights = try #require(
                MoCo(gamma: 0.01).weights(gramian, &state, key: RandomKey(seed: 0))
            )
        }
        let expected = try direction(MGDA(), gradients)
        let made = MotetMultiTaskTests.direction(weights, gradients)
        #expect(distance(made, expected) < 1e-3)
    }

    @Test func weightsOfNashAreKeptForAnInterval() throws {
        let rule = NashMTL(length: .atMost(.infinity), interval: 2)
        var state = AggregationState()
        let first = rule.weights(Gramian(of: sample(1)), &state, key: RandomKey(seed: 0))
        state.step = 1
        #expect(rule.weights(Gramian(of: sample(2)), &state, key: RandomKey(seed: 0)) == first)
        state.step = 2
        #expect(rule.weights(Gramian(of: sample(2)), &state, key: RandomKey(seed: 0)) != first)
    }
}
