import MotetCore
import MotetMetrics
import Testing

@Suite("Laws of every metric") struct MetricLawTests {
    private func sample(_ key: RandomKey) throws -> Observations {
        try LabeledScores.random(rows: 400, weighted: true, groups: 12, key: key)
    }

    @Test(arguments: Metric.ofNumbers, RandomKey.seeds(3))
    func orderOfRowsDoesNotMatter(metric: Metric, key: RandomKey) throws {
        let rows = try sample(key)
        let shuffled = rows.shuffled(key: key.split("order"))
        let (value, again) = (metric.evaluate(rows).value, metric.evaluate(shuffled).value)
        // Sums in Double over 400 rows differ by their order only.
        #expect(near(value, again, relative: 1e-12))
    }

    @Test(arguments: Metric.ofNumbers, RandomKey.seeds(3))
    func scalingAllWeightsDoesNotMatter(metric: Metric, key: RandomKey) throws {
        let rows = try sample(key)
        // A power of two scales Float32 weights without rounding.
        let scaled = try rows.mapped(weights: { 8 * $0 })
        #expect(near(metric.evaluate(rows).value, metric.evaluate(scaled).value, relative: 1e-12))
    }

    @Test(arguments: Metric.ofNumbers.filter { $0.name != "gauc_by_rows" })
    func weightTwoEqualsTheRowTwice(metric: Metric) throws {
        let rows = try LabeledScores.random(rows: 150, groups: 5, key: RandomKey(seed: 5))
        let twice = (0..<rows.count).flatMap { $0.isMultiple(of: 3) ? [$0, $0] : [$0] }
        let weights = (0..<rows.count).map { Float($0.isMultiple(of: 3) ? 2 : 1) }
        let weighted = try Observations(
            labels: rows.labels,
            predictions: rows.predictions,
            weights: weights,
            groups: rows.groups
        )
        let repeated = rows.subset(twice)
        #expect(
            near(metric.evaluate(weighted).value, metric.evaluate(repeated).value, relative: 1e-12)
        )
    }

    @Test(arguments: Metric.ofNumbers)
    func rowsLeftOutDoNotMatter(metric: Metric) throws {
        let rows = try sample(RandomKey(seed: 8))
        let labels = rows.labels + [.nan, 1, 0]
        let weights = try #require(rows.weights) + [1, 0, 1]
        let padded = try Observations(
            labels: labels,
            predictions: rows.predictions + [0.5, 0.01, .nan],
            weights: weights,
            groups: try #require(rows.groups) + [1, 2, 3],
            mask: rows.labels.map { _ in true } + [true, true, false]
        )
        let value = metric.evaluate(padded)
        #expect(value.outcome == metric.evaluate(rows).outcome)
        #expect(value.rows == rows.count)
        #expect(value.rowsLeftOut == 3)
    }

    @Test(arguments: Metric.ofNumbers)
    func perfectPredictionsAreBest(metric: Metric) throws {
        let rows = try sample(RandomKey(seed: 9))
        let perfect = metric.evaluate(try rows.replacing(predictions: rows.labels)).value
        let value = metric.evaluate(rows).value
        #expect(metric.goal.isBetter(try #require(perfect), than: value))
    }

    @Test(arguments: [0.5, 2.0])
    func calibrationScalesWithThePredictions(factor: Double) throws {
        let rows = try sample(RandomKey(seed: 10))
        let scaled = try rows.mapScores { $0 * Float(factor) }
        let ratio = try #require(Metric.calibration.evaluate(rows).value)
        let expected = ratio * factor
        #expect(near(Metric.calibration.evaluate(scaled).value, expected, relative: 1e-12))
    }

    @Test func predictingTheMeanHasNormalisedEntropyOneAndNoCalibrationError() throws {
        let labels: [Float] = [1, 0, 0, 0, 1, 0, 0, 0]
        let rows = try Observations(labels: labels, predictions: labels.map { _ in 0.25 })
        #expect(near(Metric.normalisedEntropy.evaluate(rows).value, 1, relative: 1e-14))
        #expect(Metric.calibration.evaluate(rows).value == 1)
        #expect(Metric.calibrationError.evaluate(rows).value == 0)
        #expect(Metric.prAUC.evaluate(rows).value == 0.25)
    }
}
