import MotetCore
import MotetMetrics
import Testing

@Suite("Undefined metrics") struct UndefinedMetricTests {
    private func reason(
        _ metric: Metric,
        _ labels: [Float],
        _ predictions: [Float],
        groups: [Int32]? = nil
    ) throws -> String? {
        let rows = try Observations(labels: labels, predictions: predictions, groups: groups)
        return metric.evaluate(rows).reason
    }

    @Test(arguments: Metric.ofNumbers)
    func noRowsIsAReasonForEveryMetric(metric: Metric) throws {
        let rows = try Observations(labels: [.nan], predictions: [0.5], groups: [0])
        let value = metric.evaluate(rows)
        #expect(value.reason?.hasSuffix("needs rows; received none; 1 left out") == true)
        #expect(value.rows == 0)
        #expect(value.rowsLeftOut == 1)
    }

    @Test(arguments: Metric.ofNumbers, [Float.nan, .infinity])
    func aPredictionThatIsNotFiniteIsAReason(metric: Metric, prediction: Float) throws {
        let why = try reason(metric, [0, 1, 1], [0.5, prediction, 0.1], groups: [0, 0, 0])
        #expect(why?.contains("needs finite predictions; received \(prediction)") == true)
    }

    @Test(arguments: [Metric.auc, .prAUC, .normalisedEntropy], [Float(0), 1])
    func oneClassIsAReason(metric: Metric, label: Float) throws {
        let why = try reason(metric, [label, label], [0.2, 0.4])
        let received = label == 1 ? "2 positives" : "2 negatives"
        #expect(why == "\(metric.title) needs both classes; received \(received)")
    }

    @Test func groupsOfOneClassLeaveGroupedAUCUndefined() throws {
        let why = try reason(.gauc, [0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], groups: [7, 7, -3, -3])
        #expect(why == "GAUC needs a group with both classes; received 2 with one class")
        let none = try reason(.gauc, [0, 1], [0.1, 0.2])
        #expect(none == "GAUC needs the group of each row; received no group column")
    }

    @Test func zeroDenominatorsAreReasons() throws {
        let calibration = try reason(.calibration, [0, 0], [0.1, 0.2])
        #expect(calibration == "calibration needs labels that do not sum to 0; received sum 0")
        let wape = try reason(.wape, [0, 0], [0.1, 0.2])
        #expect(wape == "WAPE needs a label other than 0; received 0 only")
    }

    @Test(arguments: [
        (Metric.auc, Float(0.3), Float(0.5), "AUC needs labels 0 and 1; received 0.3"),
        (.accuracy, 2, 0.5, "accuracy needs labels 0 and 1; received 2.0"),
        (.logLoss, 1, 1.5, "log loss needs probabilities from 0 to 1; received 1.5"),
        (.logLoss, -1, 0.5, "log loss needs labels from 0 to 1; received -1.0"),
        (
            .calibrationError(binning: .equalWidth), 1, -0.5,
            "calibration error needs probabilities from 0 to 1; received -0.5"
        ),
    ])
    func unusableValuesAreReasons(
        metric: Metric,
        label: Float,
        prediction: Float,
        expected: String
    ) throws {
        #expect(try reason(metric, [0, 1, label], [0.5, 0.5, prediction]) == expected)
    }

    @Test func tinySharesOfPositivesStayDefined() throws {
        let rows = try Observations(
            labels: [1, 0],
            predictions: [0.5, 0.5],
            weights: [1e-30, 1e8]
        )
        #expect(Metric.auc.evaluate(rows).value == 0.5)
        #expect(Metric.normalisedEntropy.evaluate(rows).value?.isFinite == true)
    }
}
