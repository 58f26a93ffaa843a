import Foundation
import Motet
import Testing

@testable import MotetExperiments

@Suite("Calibration of tasks") struct CalibrationEntryTests {
    /// Labels drawn with known probabilities, and predictions that promise `factor` times as much.
    private static func observations(_ factor: Float) throws -> TaskObservations {
        var random = RandomKey(seed: 4).generator()
        var (labels, predictions): ([Float], [Float]) = ([], [])
        var scenarios: [Int32] = []
        for row in 0..<4000 {
            let probability = Float(0.1 + 0.3 * random.nextUniform())
            labels.append(Float(random.nextUniform()) < probability ? 1 : 0)
            predictions.append(factor * probability)
            scenarios.append(Int32(row % 2))
        }
        return TaskObservations(
            task: "click",
            metrics: [.auc],
            observations: try Observations(
                labels: labels,
                predictions: predictions,
                scenarios: scenarios
            )
        )
    }

    @Test(arguments: [Float(1), 1.5])
    func shiftedPredictionsShow(factor: Float) throws {
        let entries = CalibrationEntry.all(
            [try Self.observations(factor)],
            probabilities: ["click"],
            scenarios: ["home", "search", "mail"],
            bootstrap: Bootstrap(resamples: 50, key: RandomKey(seed: 1))
        )
        #expect(entries.map(\.scenario) == [nil, "home", "search", "mail"])
        let all = entries[0]
        let ratio = try #require(all.ratio.value.value)
        // Four thousand labels of mean 0.25 have a sum within 6 % of what is expected, 2 standard deviations.
        #expect(abs(ratio / Double(factor) - 1) < 0.06)
        #expect(try #require(all.ratio.interval).contains(1) == (factor == 1))
        let error = try #require(all.error?.value.value)
        #expect(factor == 1 ? error < 0.04 : abs(error - 0.125) < 0.03)
        #expect(all.bins.count == 10 && all.bins.map(\.rows).reduce(0, +) == 4000)
        #expect(all.bins.map(\.predicted) == all.bins.map(\.predicted).sorted())
        let last = try #require(all.bins.last)
        #expect(abs(last.predicted / last.observed - Double(factor)) < 0.2)
        // No row of the third scenario.
        #expect(entries[3].ratio.value.value == nil && entries[3].ratio.value.rows == 0)
        #expect(entries[1].bins.isEmpty)
    }

    @Test func numbersHaveARatioAndNoProbabilityError() throws {
        let task = TaskObservations(
            task: "spend",
            metrics: [.rmse],
            observations: try Observations(labels: [1, 2, 3], predictions: [2, 4, 6])
        )
        let entries = CalibrationEntry.all([task], probabilities: [], scenarios: [], bootstrap: nil)
        #expect(entries.count == 1 && entries[0].ratio.value.value == 2)
        #expect(entries[0].error == nil && entries[0].bins.isEmpty)
    }
}
