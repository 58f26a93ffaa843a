import Foundation
import MotetCore
import MotetMetrics
import Testing

@Suite("Metric comparison") struct MetricComparisonTests {
    private let bootstrap = Bootstrap(resamples: 100, key: RandomKey(seed: 12))

    private func task(_ observations: Observations, _ name: String = "click") -> TaskObservations {
        TaskObservations(task: name, metrics: [.auc, .logLoss], observations: observations)
    }

    /// A model's rows in two scenarios, and those of a model that is worse in the second only.
    private func models() throws -> (good: Observations, worse: Observations) {
        let rows = try LabeledScores.random(rows: 800, separation: 1.5, key: RandomKey(seed: 1))
        let good = try Observations(
            labels: rows.labels,
            predictions: rows.predictions,
            scenarios: (0..<800).map { Int32($0 / 400) }
        )
        var noise = RandomKey(seed: 2).generator()
        let worse = try good.replacing(
            predictions: good.predictions.enumerated().map { row, score in
                row < 400 ? score : Float(noise.nextUniform())
            }
        )
        return (good, worse)
    }

    @Test func aDifferenceIsClearWhereThereIsOne() throws {
        let (good, worse) = try models()
        let comparison = try MetricComparison(
            of: [task(good)],
            with: [task(worse)],
            scenarios: ["home", "search"],
            bootstrap: bootstrap
        )
        let auc = comparison.entries.filter { $0.metric == "auc" }
        #expect(auc.map(\.scenario) == [nil, "home", "search"])
        #expect(auc.map(\.isClear) == [true, false, true])
        #expect(auc[1].first == auc[1].second)
        let search = good.split(scenarios: 2)[1]
        #expect(auc[2].first == Metric.auc.evaluate(search))
        #expect(
            auc[2].paired
                == (try bootstrap.split("search").difference(
                    .auc,
                    search,
                    minus: worse.split(scenarios: 2)[1]
                ))
        )
        let data = try JSONEncoder().encode(comparison)
        #expect(try JSONDecoder().decode(MetricComparison.self, from: data) == comparison)
    }

    @Test func anUndefinedMetricHasNoDifference() throws {
        let rows = try Observations(labels: [1, 1], predictions: [0.5, 0.6])
        let comparison = try MetricComparison(
            of: [task(rows)],
            with: [task(rows)],
            bootstrap: bootstrap
        )
        let auc = try #require(comparison.entries.first)
        #expect(auc.paired.difference.value.reason == auc.first.reason)
        #expect(auc.first.reason != nil)
        #expect(auc.isClear == nil)
    }

    @Test func aMissingTaskAndOtherRowsAreErrors() throws {
        let (good, worse) = try models()
        let missing = #expect(throws: MetricError.self) {
            try MetricComparison(of: [task(good)], with: [task(worse, "buy")], bootstrap: bootstrap)
        }
        #expect(missing?.message.contains("task \"click\" is missing") == true)
        #expect(throws: MetricError.self) {
            try MetricComparison(
                of: [task(good)],
                with: [task(worse.subset([0, 1, 2]))],
                bootstrap: bootstrap
            )
        }
    }
}
