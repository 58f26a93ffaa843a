import MotetCore
import MotetMetrics
import Testing

@Suite("Observations") struct ObservationsTests {
    @Test func lengthsMustAgree() {
        let error = #expect(throws: MetricError.self) {
            try Observations(labels: [0, 1], predictions: [0.5, 0.5], weights: [1])
        }
        #expect(
            error?.message
                == "weights: length differs from the labels'; expected 2 rows; received 1."
        )
    }

    @Test(arguments: [Float(-1), .nan, .infinity])
    func weightsMustBeFiniteAndNotNegative(weight: Float) {
        let error = #expect(throws: MetricError.self) {
            try Observations(labels: [0, 1], predictions: [0.5, 0.5], weights: [1, weight])
        }
        #expect(error?.code == .metricColumns)
        #expect(error?.message.contains("row 1") == true)
    }

    @Test func batchesAppendedEqualOneConstruction() throws {
        let whole = try LabeledScores.random(
            rows: 100,
            weighted: true,
            groups: 4,
            key: RandomKey(seed: 1)
        )
        var parts = whole.subset(Array(0..<60))
        try parts.append(whole.subset(Array(60..<100)))
        #expect(parts.labels == whole.labels)
        #expect(parts.predictions == whole.predictions)
        #expect(parts.weights == whole.weights)
        #expect(parts.groups == whole.groups)
    }

    @Test func appendingCountsRowsLeftOutAndRefusesMissingColumns() throws {
        var rows = try Observations(labels: [0, .nan], predictions: [0.1, 0.2])
        try rows.append(Observations(labels: [.nan, 1], predictions: [0.3, 0.4]))
        #expect(rows.labels == [0, 1])
        #expect(rows.rowsLeftOut == 2)
        let weighted = try Observations(labels: [1], predictions: [0.5], weights: [2])
        #expect(throws: MetricError.self) { try rows.append(weighted) }
    }

    @Test func scenariosSplitRowsInTheirOrder() throws {
        let rows = try Observations(
            labels: [0, 1, 0, 1, 1],
            predictions: [0.1, 0.2, 0.3, 0.4, 0.5],
            scenarios: [1, 0, 1, -1, 7]
        )
        let parts = rows.split(scenarios: 3)
        #expect(parts.map(\.predictions) == [[0.2], [0.1, 0.3], []])
    }
}
