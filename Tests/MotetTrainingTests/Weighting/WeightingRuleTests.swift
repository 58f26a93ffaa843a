import Foundation
import MotetCore
import MotetData
import MotetGraph
import MotetMetrics
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetReference
import Testing

@testable import MotetTraining

@Suite("Rules of weights of losses") struct WeightingRuleTests {
    private static let key = RandomKey(seed: 4)

    private static func factors(
        _ rule: StepRule,
        _ losses: [Double],
        weights: [Double]? = nil,
        absent: Set<Int> = [],
        key: RandomKey = key
    ) -> [Double] {
        rule.factors(
            losses,
            weights: weights ?? losses.map { _ in 1 },
            isPresent: losses.indices.map { !absent.contains($0) },
            key: key
        )
    }

    private static func nearlyEqual(_ one: [Double], _ other: [Double]) -> Bool {
        one.count == other.count
            && zip(one, other).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($1)) }
    }

    /// Each weighted loss is the same share of the mean, whatever its scale.
    @Test func aGeometricMeanWeighsLossesAlike() {
        let losses = [0.01, 3, 700]
        let products = zip(Self.factors(.geometricMean, losses), losses).map { $0 * $1 }
        let mean = pow(0.01 * 3 * 700, 1.0 / 3)
        #expect(Self.nearlyEqual(products, [mean / 3, mean / 3, mean / 3]))
    }

    @Test func absentTasksAreLeftOut() {
        for rule in [StepRule.geometricMean, .smoothMaximum(mu: 0.3)] {
            let two = Self.factors(rule, [0.5, 2])
            let three = Self.factors(rule, [0.5, 0, 2], absent: [1])
            #expect(Self.nearlyEqual([three[0], three[2]], two), "\(rule)")
        }
    }

    @Test func aSmoothMaximumTendsToTheWorstTask() {
        let losses = [0.3, 0.5, 0.4]
        let sharp = Self.factors(.smoothMaximum(mu: 1e-3), losses)
        #expect(sharp[1] > 0.999)
        let flat = Self.factors(.smoothMaximum(mu: 1e6), losses)
        #expect(flat.allSatisfy { abs($0 - 1 / 3) < 1e-6 })
        // By the tasks' own weights the first is worst.
        let weighted = Self.factors(.smoothMaximum(mu: 1e-3), losses, weights: [3, 1, 1])
        #expect(weighted[0] > 0.999)
    }

    @Test func randomWeightsAreASoftmaxOfNormalNumbers() {
        let draws = (0..<4000).map { Self.factors(.random, [1, 1, 1], key: Self.key.split($0)) }
        #expect(draws.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-12 && $0.allSatisfy { $0 > 0 } })
        for task in 0..<3 {
            // 4,000 draws: standard error of the mean below 0.004.
            let mean = draws.map { $0[task] }.reduce(0, +) / 4000
            #expect(abs(mean - 1 / 3) < 0.015)
            // The logarithm of a ratio of two is normal with variance 2.
            let ratios = draws.map { log($0[task] / $0[(task + 1) % 3]) }
            let variance = ratios.map { $0 * $0 }.reduce(0, +) / 4000
            #expect(abs(variance - 2) < 0.2)
        }
        #expect(Self.factors(.random, [1, 1]) == Self.factors(.random, [7, 0.1]))
    }

    private static let tasks = [
        NamedTask("click", .binary(metrics: [.logLoss, .auc])),
        NamedTask("buy", .binary(metrics: [.auc])),
    ]

    private static func epochs(_ losses: [[Double?]], aucs: [[Double]] = []) throws -> [EpochRecord]
    {
        try losses.enumerated().map { index, losses in
            var report: MetricReport?
            if !aucs.isEmpty {
                let observations = try zip(tasks, aucs[index]).map { task, auc in
                    try TaskObservations(
                        task: task.name,
                        metrics: task.objective.metrics,
                        observations: rows(auc: auc)
                    )
                }
                report = MetricReport(evaluating: observations, scenarios: [])
            }
            return EpochRecord(
                epoch: index + 1,
                step: index + 1,
                learningRate: 1,
                rowsPerSecond: 1,
                losses: zip(tasks, losses).map {
                    EpochRecord.TaskLoss(task: $0.name, value: $1)
                },
                validation: report,
                watched: nil,
                isBest: true
            )
        }
    }

    /// Ten pairs of a positive and a negative row, `10 auc` of them in order.
    private static func rows(auc: Double) throws -> Observations {
        // One positive among ten negatives: the share of negatives below it is the AUC.
        let below = Int((10 * auc).rounded())
        let predictions = [0.5] + (0..<10).map { $0 < below ? Float(0.1) : 0.9 }
        return try Observations(
            labels: [1] + [Float](repeating: 0, count: 10),
            predictions: predictions
        )
    }

    @Test func dynamicAveragesFollowTheRatios() throws {
        let rule = EpochRule.dynamicAverage(temperature: 2)
        let one = try Self.epochs([[1, 4]])
        #expect(rule.factors(Self.tasks, after: one) == [1, 1])
        let two = try Self.epochs([[9, 9], [1, 4], [0.5, 4]])
        let (first, second) = (exp(0.5 / 2), exp(1.0 / 2))
        let wanted = [2 * first / (first + second), 2 * second / (first + second)]
        #expect(Self.nearlyEqual(rule.factors(Self.tasks, after: two), wanted))
        // What has no loss to compare counts as standing still.
        let missing = try Self.epochs([[nil, 4], [0.5, 4]])
        #expect(Self.nearlyEqual(rule.factors(Self.tasks, after: missing), [1, 1]))
    }

    @Test func prioritiesFollowTheAverageOfTheMetric() throws {
        let rule = EpochRule.prioritised(gamma: 2, smoothing: 0.25)
        let epochs = try Self.epochs([[1, 1], [1, 1]], aucs: [[0.6, 1], [0.8, 0.5]])
        let qualities = [0.6 + 0.25 * 0.2, 1 - 0.25 * 0.5]
        let wanted = qualities.map { -pow(1 - $0, 2) * log($0) }
        #expect(Self.nearlyEqual(rule.factors(Self.tasks, after: epochs), wanted))
        #expect(rule.factors(Self.tasks, after: []) == [1, 1])
    }

    @Test func decayMultipliesEachEpoch() throws {
        let rule = EpochRule.decaying(["buy": 0.5])
        #expect(
            rule.factors(Self.tasks, after: try Self.epochs([[1, 1], [1, 1], [1, 1]])) == [
                1, 0.125,
            ]
        )
    }

    /// The model learns with the factors that are shown: a fit by fixed weights makes the same step.
    @Test(arguments: [LossWeighting.geometricMean, .random, .smoothMaximum(mu: 0.2)])
    func aStepUsesTheFactorsItShows(weighting: LossWeighting) throws {
        let train = try TinyMarket.data(rows: 64, seed: 1)
        let model = try TinyMarket.model()
        func trainer(_ weighting: LossWeighting, _ weights: [Float]) throws -> Trainer {
            try Trainer(
                model,
                optimizer: .sgd(learningRate: 0.5),
                tasks: [
                    NamedTask("click", .binary(weight: weights[0])),
                    NamedTask("buy", .binary(weight: weights[1], within: "click")),
                ],
                weighting: weighting,
                seed: 7,
                backend: OneDNNBackend()
            )
        }
        let weighed = try trainer(weighting, [1, 0.5])
        let history = try weighed.fit(train, epochs: 1, batchSize: 64)
        let shown = try history.epochs[0].losses.map { try #require($0.weight) }
        #expect(shown != [1, 0.5])
        let fixed = try trainer(.fixed, shown)
        _ = try fixed.fit(train, epochs: 1, batchSize: 64)
        for name in fixed.parameters.names {
            let one = try #require(weighed.parameters[name]).floats
            let other = try #require(fixed.parameters[name]).floats
            // The factor is rounded once more here than there.
            for (one, other) in zip(one, other) { #expect(abs(one - other) < 1e-6) }
        }
    }

    /// Code of an operation of its own runs alike on both backends.
    @Test func bothBackendsRunTheRule() throws {
        var graph = GraphBuilder()
        let losses = try ["a", "b"].map { try graph.input($0, TensorType(.scalar)) }
        let step = try graph.input("step", TensorType(.scalar, .int32))
        let operation = StepWeights(rule: .smoothMaximum(mu: 0.5), weights: [1, 2], key: Self.key)
        let factors = try graph.add(operation, losses + losses + [step])
        for (index, factor) in factors.enumerated() { graph.output("\(index)", factor) }
        let backends: [any Backend] = [OneDNNBackend(), ReferenceBackend()]
        let found = try backends.map { backend in
            let executable = try backend.compile(graph.graph, states: StateStore(), capacity: [:])
            let values: [Float] = [0.3, 0.7]
            let number: [Int32] = [3]
            return values.withUnsafeBytes { values in
                number.withUnsafeBytes { number in
                    for (index, input) in executable.graph.inputs.enumerated() {
                        let base = input.name == "step" ? number.baseAddress : values.baseAddress
                        guard let base else { continue }
                        executable.bind(index, to: input.name == "b" ? base + 4 : base)
                    }
                    executable.run(.gradients)
                    return [executable.scalar(0), executable.scalar(1)]
                }
            }
        }
        let wanted = Float(1 / (1 + exp((0.3 - 2 * 0.7) / 0.5)))
        #expect(found[0] == found[1])
        #expect(abs(found[0][1] - wanted) < 1e-6)
    }

    @Test func whatARuleCannotWeighIsRefused() throws {
        let counts = NamedTask("count", .regression(loss: .poisson, metrics: [.mae]))
        #expect(LossWeighting.geometricMean.problems([counts]).count == 1)
        #expect(LossWeighting.prioritised().problems([counts]).count == 1)
        #expect(LossWeighting.geometricMean.problems(Self.tasks).isEmpty)
        let train = try TinyMarket.data(rows: 64, seed: 1)
        let trainer = try TinyMarket.trainer(TinyMarket.model(), weighting: .prioritised())
        let error = #expect(throws: TrainingError.self) {
            try trainer.fit(train, epochs: 1, batchSize: 64)
        }
        #expect(error?.code == .weightingInvalid)
        #expect(error?.message.contains("expected validation data") == true)
        let decay = try TinyMarket.trainer(TinyMarket.model(), weighting: .decaying(["byu": 0.5]))
        #expect(throws: TrainingError.self) { try decay.fit(train, epochs: 1, batchSize: 64) }
    }
}
