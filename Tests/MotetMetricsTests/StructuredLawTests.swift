import MotetCore
import MotetMetrics
import Testing

@Suite("Laws of metrics on classes, tags and boxes") struct StructuredLawTests {
    private typealias Case = StructuredSample.Case

    @Test(arguments: StructuredSample.cases, RandomKey.seeds(3))
    private func orderOfRowsDoesNotMatter(test: Case, key: RandomKey) throws {
        let rows = try StructuredSample.random(test.form, rows: 150, key: key)
        var generator = key.split("order").generator()
        let shuffled = rows.subset(Array(0..<rows.count).shuffled(using: &generator))
        #expect(
            near(
                test.metric.evaluate(rows).value,
                test.metric.evaluate(shuffled).value,
                relative: 1e-12
            )
        )
    }

    @Test(arguments: StructuredSample.cases)
    private func weightTwoEqualsTheRowTwice(test: Case) throws {
        let sample = try StructuredSample.random(test.form, rows: 90, key: RandomKey(seed: 5))
        let plain = try Observations(
            test.form,
            labels: sample.labels,
            predictions: sample.predictions
        )
        let twice = (0..<plain.count).flatMap { $0.isMultiple(of: 3) ? [$0, $0] : [$0] }
        let weighted = try Observations(
            test.form,
            labels: sample.labels,
            predictions: sample.predictions,
            weights: (0..<plain.count).map { $0.isMultiple(of: 3) ? 2 : 1 }
        )
        let once = test.metric.evaluate(plain).value
        let value = test.metric.evaluate(weighted).value
        #expect(
            near(value, test.metric.evaluate(plain.subset(twice)).value, relative: 1e-12)
        )
        #expect(value != once)
    }

    @Test(arguments: StructuredSample.cases)
    private func perfectPredictionsScoreOne(test: Case) throws {
        let rows = try StructuredSample.random(test.form, rows: 60, key: RandomKey(seed: 6))
        let perfect = try rows.replacing(predictions: StructuredSample.perfect(rows))
        let value = try #require(test.metric.evaluate(perfect).value)
        // A mean of ones, each times its weight.
        #expect(abs(value - 1) < 1e-12)
        let own = try #require(test.metric.evaluate(rows).value)
        #expect(own > 0 && own < 1)
    }

    @Test(arguments: StructuredSample.cases)
    private func rowsLeftOutDoNotMatter(test: Case) throws {
        let rows = try StructuredSample.random(test.form, rows: 40, key: RandomKey(seed: 7))
        let (width, size) = (test.form.labelWidth, test.form.predictionWidth)
        let padded = try Observations(
            test.form,
            labels: [Float](repeating: .nan, count: width) + rows.labels + rows.labels.prefix(width)
                + rows.labels.prefix(width),
            predictions: [Float](repeating: 1, count: size) + rows.predictions
                + [Float](repeating: .nan, count: 2 * size),
            weights: [1] + (try #require(rows.weights)) + [0, 1],
            mask: [Bool](repeating: true, count: rows.count + 2) + [false]
        )
        let value = test.metric.evaluate(padded)
        #expect(value.outcome == test.metric.evaluate(rows).outcome)
        #expect(value.rows == 40)
        #expect(value.rowsLeftOut == 3)
    }

    @Test(arguments: StructuredSample.cases)
    private func batchesAppendedEqualOneConstruction(test: Case) throws {
        let whole = try StructuredSample.random(test.form, rows: 30, key: RandomKey(seed: 8))
        var parts = whole.subset(Array(0..<11))
        try parts.append(whole.subset(Array(11..<30)))
        #expect(parts.count == 30)
        #expect(test.metric.evaluate(parts) == test.metric.evaluate(whole))
    }

    @Test(arguments: StructuredSample.cases)
    private func aBootstrapHoldsTheValue(test: Case) throws {
        let rows = try StructuredSample.random(test.form, rows: 80, key: RandomKey(seed: 9))
        let estimate = Bootstrap(resamples: 60, key: RandomKey(seed: 2))
            .estimate(test.metric, on: rows)
        let value = try #require(estimate.value.value)
        let interval = try #require(estimate.interval)
        #expect(interval.contains(value))
        #expect(interval.lower < interval.upper)
    }

    @Test(arguments: StructuredSample.cases)
    private func withoutRowsOrOnOtherRowsThereIsNoValue(test: Case) throws {
        let none = try Observations(test.form, labels: [], predictions: [])
        #expect(
            test.metric.evaluate(none).reason == "\(test.metric.title) needs rows; received none"
        )
        #expect(test.metric.rows.contains(test.form.kind))
        for form in [RowForm.numbers, .classes(4), .tags(6), .boxes, .detections]
        where !test.metric.rows.contains(form.kind) {
            let other = try StructuredSample.random(form, rows: 5, key: RandomKey(seed: 1))
            let reason = test.metric.evaluate(other).reason
            #expect(reason?.hasPrefix("\(test.metric.title) needs rows of ") == true)
        }
    }
}
