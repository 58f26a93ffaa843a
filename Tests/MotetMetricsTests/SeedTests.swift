import MotetCore
import Testing

@testable import MotetMetrics

@Suite("Numbers over seeds") struct SeedTests {
    private let bootstrap = Bootstrap(resamples: 100, key: RandomKey(seed: 3))

    /// Models of one data set: the scores of each are those of the first with noise of its own.
    private func models(_ count: Int, rows: Int = 150) throws -> [Observations] {
        let first = try LabeledScores.random(rows: rows, key: RandomKey(seed: 5))
        return try (0..<count).map { model in
            var noise = RandomKey(seed: 6).split(model).generator()
            return try first.replacing(
                predictions: first.predictions.map { score in
                    min(max(score + 0.3 * Float(noise.nextUniform() - 0.5), 0.001), 0.999)
                }
            )
        }
    }

    /// What the documentation says, computed another way: rows are written out as often as they are drawn.
    @Test(arguments: [Metric.auc, .logLoss])
    func intervalsEqualThoseOfRowsWrittenOut(metric: Metric) throws {
        let models = try models(5)
        let rows = try bootstrap.resamples(of: metric, models)
        let key = RandomKey(seed: 9)
        let values = models.map { metric.evaluate($0).value }
        let left = Replicates(
            seeds: Array(values[0..<3]),
            rows: Array(rows[0..<3]),
            key: key.split("a")
        )
        let right = Replicates(
            seeds: Array(values[3..<5]),
            rows: Array(rows[3..<5]),
            key: key.split("b")
        )
        let difference = left - right

        var expected: [Double] = []
        let poisson = PoissonCounts()
        for resample in 0..<100 {
            var counts = [UInt8](repeating: 0, count: models[0].count)
            poisson.fill(&counts, key: bootstrap.key.split("bootstrap").split(resample))
            let drawn = counts.indices.flatMap { row in
                [Int](repeating: row, count: Int(counts[row]))
            }
            let each = try models.map { try metric.value($0.subset(drawn)) }
            func mean(_ range: Range<Int>, _ name: String) -> Double {
                let own = Array(each[range])
                let mean = own.reduce(0, +) / Double(own.count)
                let stream = key.split(name).split(resample)
                let seeds = own.indices.map { draw in
                    // The upper half of the product of 64 bits and the count.
                    own[Int((Double(stream.bits(draw)) / 0x1p64 * Double(own.count)))]
                }
                let spread = seeds.reduce(0, +) / Double(own.count) - mean
                return mean + spread * (Double(own.count) / Double(own.count - 1)).squareRoot()
            }
            expected.append(mean(0..<3, "a") - mean(3..<5, "b"))
        }
        // The same sums in another order.
        for (found, wanted) in zip(difference.resampled, expected) {
            #expect(abs(found - wanted) < 1e-9)
        }
        let sorted = expected.sorted()
        let interval = try #require(difference.interval(level: 0.95))
        // Percentiles of 100 values: positions 2.475 and 96.525.
        #expect(abs(interval.lower - (sorted[2] + 0.475 * (sorted[3] - sorted[2]))) < 1e-9)
        #expect(abs(interval.upper - (sorted[96] + 0.525 * (sorted[97] - sorted[96]))) < 1e-9)
        let above = Double(expected.count { $0 > 0 })
        #expect(difference.pValue == min(1, 2 * (min(above, 100 - above) + 1) / 101))
    }

    @Test func oneSeedHasTheIntervalOfThePairedBootstrap() throws {
        let models = try models(2)
        let rows = try bootstrap.resamples(of: .auc, models)
        let numbers = models.indices.map { index in
            Replicates(
                seeds: [Metric.auc.evaluate(models[index]).value],
                rows: [rows[index]],
                key: RandomKey(seed: 1)
            )
        }
        let paired = try bootstrap.difference(.auc, models[0], minus: models[1]).difference
        #expect((numbers[0] - numbers[1]).interval(level: 0.95) == paired.interval)
        #expect((numbers[0] - numbers[1]).value == paired.value.value)
    }

    /// Seeds whose values differ much, on rows that do not matter: the variance of a mean of three.
    @Test func theSpreadBetweenSeedsCountsInFull() throws {
        let values = [1.0, 2.0, 6.0]
        let rows = values.map { [Double](repeating: $0, count: 20_000) }
        let found = Replicates(seeds: values, rows: rows, key: RandomKey(seed: 4))
        let mean = found.resampled.reduce(0, +) / 20_000
        let variance = found.resampled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        // s² / 3 with s² = (4 + 1 + 9) / 2; the error of a variance of 20,000 draws is about 1 %.
        #expect(abs(variance - 7.0 / 3) < 0.1)
        #expect(found.value == 3)
    }

    @Test func whatIsUndefinedHasNoInterval() throws {
        let rows = [[1.0, .nan, .nan, 2, 3, 4, 5, 6, 7, 8]]
        let number = Replicates(seeds: [4], rows: rows, key: RandomKey(seed: 0))
        #expect(number.interval(level: 0.95) == nil)
        #expect(Replicates(seeds: [nil], rows: [[1, 2]], key: RandomKey(seed: 0)).value == nil)
        let models = try models(2)
        let other = try LabeledScores.random(rows: 150, key: RandomKey(seed: 77))
        #expect(throws: MetricError.self) {
            try bootstrap.resamples(of: .auc, [models[0], other])
        }
    }
}

@Suite("Relative gain and Pareto front") struct GainTests {
    private func pair(_ value: Double, _ baseline: Double, _ goal: MetricGoal) -> RelativeGain.Pair
    {
        RelativeGain.Pair(value: value, baseline: baseline, goal: goal)
    }

    /// By hand: (0.77 - 0.70) / 0.70 = 0.1; -(0.55 - 0.50) / 0.50 = -0.1; -(1.2 - 1.5) / 1.5 = 0.2.
    @Test func deltaMIsTheMeanOverTasksOfTheMeanOverMetrics() throws {
        let gain = RelativeGain.mean([
            [pair(0.77, 0.70, .higher), pair(0.55, 0.50, .lower), pair(1.3, 1.1, .closerTo(1))],
            [pair(1.2, 1.5, .lower)],
        ])
        #expect(abs(try #require(gain) - (0 + 0.2) / 2) < 1e-12)
        #expect(RelativeGain.mean([[pair(0.4, 0.5, .lower)]]).map { abs($0 - 0.2) < 1e-12 } == true)
    }

    @Test func aBaselineOfZeroHasNoRelativeGain() {
        #expect(RelativeGain.mean([[pair(1, 0, .higher)], [pair(2, 1, .higher)]]) == nil)
        #expect(RelativeGain.mean([[pair(1, 1, .closerTo(1))]]) == nil)
        #expect(RelativeGain.mean([]) == nil)
    }

    @Test func aNegativeBaselineKeepsTheSign() {
        #expect(RelativeGain.mean([[pair(-1, -2, .higher)]]) == 0.5)
    }

    /// AUC up, loss down: (0.8, 0.4) beats (0.7, 0.5); (0.9, 0.6) and (0.8, 0.4) beat nobody of the front.
    @Test func theFrontByHand() {
        let points = [[0.7, 0.5], [0.8, 0.4], [0.9, 0.6], [0.8, 0.4], [0.9, 0.7]]
        #expect(ParetoFront.indices(of: points, goals: [.higher, .lower]) == [1, 2, 3])
    }

    @Test(arguments: RandomKey.seeds(10))
    func theFrontEqualsThatOfAllPairs(key: RandomKey) {
        var random = key.generator()
        let goals: [MetricGoal] = [.higher, .lower, .closerTo(0.5)]
        // Few different values: ties occur.
        let points = (0..<40).map { _ in goals.map { _ in (random.nextUniform() * 6).rounded() / 6 }
        }
        func isBeaten(_ point: [Double], by other: [Double]) -> Bool {
            let better = [
                other[0] - point[0], point[1] - other[1],
                abs(point[2] - 0.5) - abs(other[2] - 0.5),
            ]
            return better.min() ?? 0 >= 0 && better.max() ?? 0 > 0
        }
        var front: [Int] = []
        for index in points.indices {
            var beaten = false
            for other in points where isBeaten(points[index], by: other) { beaten = true }
            if !beaten { front.append(index) }
        }
        #expect(ParetoFront.indices(of: points, goals: goals) == front)
        #expect(!front.isEmpty && front.count < 40)
    }
}
