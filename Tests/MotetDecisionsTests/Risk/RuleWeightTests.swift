import Foundation
import MotetDecisions
import Testing

@Suite("rule weights") struct RuleWeightTests {
    private struct Golden: Decodable {
        struct Fit: Decodable {
            let hits: [[Int]]
            let offsets: [Double]
            let labels: [Bool]
            let rules: Int
            let penalty: Double
            let hasIntercept: Bool
            let weights: [Double]
            let intercept: Double
            let weighsModel: Bool
            let modelWeight: Double
        }

        let fits: [Fit]
    }

    @Test func weightsAreThoseOfScipy() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/decisions/risk.json")
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
        #expect(golden.fits.count == 4)
        for fit in golden.fits {
            let own = try RuleWeights.fit(
                rules: fit.rules,
                hits: fit.hits,
                offsets: fit.offsets,
                labels: fit.labels,
                penalty: fit.penalty,
                hasIntercept: fit.hasIntercept,
                weighsModel: fit.weighsModel
            )
            // Both end with gradients below 1e-7, where the curvature is at least 0.1.
            for (own, expected) in zip(own.weights, fit.weights) {
                #expect(abs(own - expected) < 1e-6)
            }
            #expect(abs(own.intercept - fit.intercept) < 1e-6)
            #expect(abs(own.modelWeight - fit.modelWeight) < 1e-6)
        }
    }

    @Test func separatedOrdersGiveFiniteWeights() throws {
        let hits = (0..<40).map { $0 < 20 ? [0] : [] }
        let fit = try RuleWeights.fit(
            rules: 1,
            hits: hits,
            offsets: [Double](repeating: -2, count: 40),
            labels: hits.map { !$0.isEmpty }
        )
        #expect(fit.weights[0] > 3 && fit.weights[0] < 10)
    }

    @Test func listsOfOtherLengthsAreRefused() {
        let error = #expect(throws: DecisionError.self) {
            _ = try RuleWeights.fit(
                rules: 1,
                hits: [[0], []],
                offsets: [0],
                labels: [true, false]
            )
        }
        #expect(error?.code == .risk)
    }
}
