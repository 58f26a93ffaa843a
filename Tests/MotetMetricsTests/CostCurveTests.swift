import Foundation
import MotetMetrics
import Testing

@Suite("cost curves") struct CostCurveTests {
    /// Reproducible numbers (SplitMix64).
    private struct Draws {
        var state: UInt64

        mutating func next() -> Double {
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return Double((bits ^ (bits >> 31)) >> 11) / 9_007_199_254_740_992
        }
    }

    /// Rows whose predictions come true, in steps of a twentieth, so that many are equal.
    private static func rows(_ count: Int, seed: UInt64, isWeighted: Bool) throws -> Observations {
        var draws = Draws(state: seed)
        var (labels, predictions, weights) = ([Float](), [Float](), [Float]())
        for _ in 0..<count {
            let prediction = (draws.next() * draws.next() * 20).rounded() / 20
            predictions.append(Float(prediction))
            labels.append(draws.next() < prediction ? 1 : 0)
            weights.append(Float(draws.next() + 0.1))
        }
        return try Observations(
            labels: labels,
            predictions: predictions,
            weights: isWeighted ? weights : nil
        )
    }

    /// The cost of two thresholds, row by row.
    private static func slow(
        _ rows: Observations,
        _ costs: TaskCosts,
        _ review: Double?,
        _ refuse: Double?
    ) -> Double {
        var (sum, total) = (0.0, 0.0)
        for row in 0..<rows.count {
            let (p, isPositive) = (Double(rows.predictions[row]), rows.labels[row] == 1)
            let weight = Double(rows.weights?[row] ?? 1)
            total += weight
            if let refuse, p >= refuse {
                sum += weight * (isPositive ? 0 : costs.refused)
            } else if let review, p >= review, let cost = costs.review {
                let missed = isPositive ? (1 - costs.reviewCatches) * costs.missed : 0
                let refused = isPositive ? 0 : costs.reviewRefuses * costs.refused
                sum += weight * (cost + missed + refused)
            } else {
                sum += weight * (isPositive ? costs.missed : 0)
            }
        }
        return sum / total
    }

    private static let costs = [
        TaskCosts(missed: 10, refused: 2), TaskCosts(missed: 10, refused: 4, review: 0.5),
        TaskCosts(missed: 8, refused: 5, review: 0.4, reviewCatches: 0.7, reviewRefuses: 0.1),
        TaskCosts(missed: 10, refused: 4, review: 100), TaskCosts(missed: 1, refused: 0),
        TaskCosts(missed: 10, refused: 0, review: 1), TaskCosts(missed: 10, refused: 4, review: 0),
        TaskCosts(missed: 10, refused: 4, review: 1, reviewRefuses: 1),
        TaskCosts(missed: 10, refused: 4, review: 1, reviewCatches: 0),
        TaskCosts(missed: 0, refused: 4, review: 1), TaskCosts(missed: 0, refused: 0, review: 1),
    ]

    @Test(arguments: costs, [false, true])
    func theBestThresholdsAreThoseOfAllPairs(_ costs: TaskCosts, _ isWeighted: Bool) throws {
        let rows = try Self.rows(400, seed: 5, isWeighted: isWeighted)
        let curve = try #require(CostCurve(task: "fraud", costs, rows))
        let all: [Double?] = Set(rows.predictions).sorted().map { Double($0) } + [nil]
        var least = Double.infinity
        for (place, refuse) in all.enumerated() {
            // Without reviews the first threshold is the second.
            for review in costs.review == nil ? [refuse] : Array(all[...place]) {
                least = min(least, Self.slow(rows, costs, review, refuse))
            }
        }
        #expect(abs(curve.best.cost - least) < 1e-9)
        #expect(
            abs(curve.best.cost - Self.slow(rows, costs, curve.best.review, curve.best.refuse))
                < 1e-9
        )
        let formula = Self.slow(rows, costs, curve.formula.review, curve.formula.refuse)
        #expect(abs(curve.formula.cost - formula) < 1e-9)
        #expect(abs(curve.passingAll - Self.slow(rows, costs, nil, nil)) < 1e-9)
        #expect(abs(curve.refusingAll - Self.slow(rows, costs, 0, 0)) < 1e-9)
        for point in curve.points {
            let cost = Self.slow(rows, costs, point.threshold, point.threshold)
            #expect(abs(point.cost - cost) < 1e-9)
        }
        let text = try JSONEncoder().encode(curve)
        #expect(try JSONDecoder().decode(CostCurve.self, from: text).formula == curve.formula)
    }

    /// Where probabilities come true, no thresholds are better on endless rows than those of the formula.
    @Test(arguments: costs)
    func theFormulaIsBestWhereProbabilitiesComeTrue(_ costs: TaskCosts) throws {
        let rows = try Self.rows(60_000, seed: 6, isWeighted: false)
        let curve = try #require(CostCurve(task: "fraud", costs, rows))
        // Four standard errors of a mean of costs up to 10.
        let room = 4 * max(costs.missed, costs.refused) / 60_000.0.squareRoot()
        let distance = curve.formula.cost - curve.best.cost
        // Where neither a missed nor a refused one costs anything there is no room at all.
        #expect(room > 0 ? distance < room : distance == 0)
        #expect(curve.formula.cost >= curve.best.cost - 1e-12)
    }

    @Test func thresholdsOfOtherRowsAreMeasuredOnThese() throws {
        let costs = Self.costs[1]
        let other = try #require(
            CostCurve(task: "fraud", costs, try Self.rows(300, seed: 7, isWeighted: false))
        )
        let rows = try Self.rows(300, seed: 8, isWeighted: false)
        let curve = try #require(CostCurve(task: "fraud", costs, rows, chosen: other.best))
        let chosen = try #require(curve.chosen)
        #expect(chosen.review == other.best.review && chosen.refuse == other.best.refuse)
        #expect(
            abs(chosen.cost - Self.slow(rows, costs, chosen.review, chosen.refuse)) < 1e-9
        )
        #expect(chosen.cost >= curve.best.cost)
        let text = try JSONEncoder().encode(curve)
        #expect(try JSONDecoder().decode(CostCurve.self, from: text) == curve)
    }

    @Test func rowsThatAreNoProbabilitiesHaveNone() throws {
        let wrong = try Observations(labels: [0, 1], predictions: [0.5, 2])
        #expect(CostCurve(task: "fraud", Self.costs[0], wrong) == nil)
        let none = try Observations(labels: [.nan], predictions: [0.5])
        #expect(CostCurve(task: "fraud", Self.costs[0], none) == nil)
    }
}
