import Foundation
import MotetCore
import MotetMetrics
import Testing

@Suite("Metric") struct MetricTests {
    @Test func everyNameIsFoundAndDistinct() {
        for metric in Metric.all {
            #expect(Metric(name: metric.name) == metric)
            #expect(metric.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" })
        }
        #expect(Set(Metric.all).count == Metric.all.count)
        #expect(Metric(name: "AUC") == nil)
    }

    @Test func misspeltNamesGetASuggestion() {
        let error = #expect(throws: MetricError.self) { try Metric.named("log_los") }
        #expect(error?.code == .unknownMetric)
        #expect(
            error?.message.hasPrefix("metric \"log_los\": unknown name; expected one of `auc`")
                == true
        )
        #expect(error?.message.hasSuffix("Did you mean `log_loss`?") == true)
    }

    @Test(arguments: [
        (MetricGoal.higher, 0.8, 0.7, true), (.higher, 0.7, 0.8, false), (.higher, 0.7, 0.7, false),
        (.lower, 0.2, 0.3, true), (.lower, 0.3, 0.2, false),
        (.closerTo(1), 1.1, 0.8, true), (.closerTo(1), 0.8, 1.1, false),
        (.higher, .nan, 0.1, false), (.lower, 0.5, .nan, true),
    ])
    func goalsDecideWhatIsBetter(goal: MetricGoal, new: Double, best: Double, expected: Bool) {
        #expect(goal.isBetter(new, than: best) == expected)
    }

    @Test func aMarginMustBeExceededAndTheFirstValueIsBest() {
        #expect(!MetricGoal.higher.isBetter(0.805, than: 0.8, margin: 0.01))
        #expect(MetricGoal.higher.isBetter(0.815, than: 0.8, margin: 0.01))
        #expect(MetricGoal.lower.isBetter(9, than: nil))
    }

    @Test(arguments: [
        MetricValue(.value(0.75), rows: 12, rowsLeftOut: 3, groups: .init(used: 4, leftOut: 1)),
        MetricValue(.undefined("AUC needs both classes; received 2 positives"), rows: 2),
    ])
    func valuesSurviveJSON(value: MetricValue) throws {
        let data = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(MetricValue.self, from: data) == value)
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains("\"undefined\"") == (value.reason != nil))
        #expect(text.contains("\"value\"") == (value.value != nil))
    }
}
