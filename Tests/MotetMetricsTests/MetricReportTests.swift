import Foundation
import MotetCore
import MotetMetrics
import Testing

@Suite("Metric report") struct MetricReportTests {
    private let metrics: [Metric] = [.auc, .calibration]

    private func tasks() throws -> [TaskObservations] {
        let click = try Observations(
            labels: [0, 1, 0, 1, 1, 1],
            predictions: [0.1, 0.9, 0.6, 0.5, 0.7, 0.8],
            scenarios: [0, 0, 1, 1, 2, 2]
        )
        let buy = try Observations(
            labels: [0, 1, .nan, .nan, 0, 1],
            predictions: [0.3, 0.2, 0.1, 0.1, 0.1, 0.4],
            scenarios: [0, 0, 1, 1, 2, 2]
        )
        return [
            TaskObservations(task: "click", metrics: metrics, observations: click),
            TaskObservations(task: "buy", metrics: [.auc], observations: buy),
        ]
    }

    @Test func everyTaskIsMeasuredOnAllRowsAndInEachScenario() throws {
        let report = MetricReport(evaluating: try tasks(), scenarios: ["home", "search", "feed"])
        #expect(report.entries.count == 2 * 4 + 4)
        func auc(_ task: String, _ scenario: String?) -> MetricValue? {
            report.estimate(task: task, scenario: scenario, metric: .auc)?.value
        }
        #expect(auc("click", "home")?.value == 1)
        #expect(auc("click", "search")?.value == 0)
        #expect(auc("click", "feed")?.reason == "AUC needs both classes; received 2 positives")
        #expect(auc("buy", "search")?.reason == "AUC needs rows; received none")
        #expect(auc("buy", nil)?.rows == 4)
        #expect(auc("buy", nil)?.rowsLeftOut == 2)
        #expect(report.estimate(task: "buy", metric: .calibration) == nil)
        #expect(report.estimate(task: "click", metric: .auc)?.interval == nil)
    }

    @Test func selectorsFindTasksScenariosAndMeans() throws {
        let report = MetricReport(evaluating: try tasks(), scenarios: ["home", "search", "feed"])
        let home = report.value(MetricSelector(.auc, task: "click", scenario: .named("home")))
        #expect(home.value == 1)
        let scenarios = report.value(MetricSelector(.auc, task: "click", scenario: .mean))
        #expect(scenarios.value == 0.5)
        #expect(scenarios.groups == MetricValue.Groups(used: 2, leftOut: 1))
        let click = try #require(report.estimate(task: "click", metric: .auc)?.value.value)
        let buy = try #require(report.estimate(task: "buy", metric: .auc)?.value.value)
        #expect(report.value(MetricSelector(.auc)).value == (click + buy) / 2)
        let missing = report.value(MetricSelector(.auc, task: "return"))
        #expect(missing.value == nil)
    }

    @Test func intervalsAreThoseOfTheScenarioAloneAndSurviveJSON() throws {
        let rows = try LabeledScores.random(rows: 300, key: RandomKey(seed: 4))
        let halves = try Observations(
            labels: rows.labels,
            predictions: rows.predictions,
            scenarios: (0..<300).map { Int32($0 % 2) }
        )
        let bootstrap = Bootstrap(resamples: 100, key: RandomKey(seed: 6))
        let task = TaskObservations(task: "click", metrics: metrics, observations: halves)
        let report = MetricReport(evaluating: [task], scenarios: ["a", "b"], bootstrap: bootstrap)
        let expected = bootstrap.split("b").estimate(.auc, on: halves.split(scenarios: 2)[1])
        #expect(report.estimate(task: "click", scenario: "b", metric: .auc) == expected)
        #expect(expected.interval?.resamples == 100)
        let data = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(MetricReport.self, from: data) == report)
    }
}
