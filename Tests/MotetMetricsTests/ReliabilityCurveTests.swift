import MotetCore
import Testing

@testable import MotetMetrics

@Suite("Reliability") struct ReliabilityCurveTests {
    /// Table I, method 3 of Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
    /// Medicine 17, 1998, to its four decimals.
    @Test(arguments: [
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ])
    func theIntervalIsWilsons(positives: Int, count: Int, lower: Double, upper: Double) throws {
        let labels = (0..<count).map { Float($0 < positives ? 1 : 0) }
        let rows = try Observations(labels: labels, predictions: labels.map { _ in 0.25 })
        let curve = try #require(ReliabilityCurve(task: "click", rows))
        #expect(curve.bins.count == 1)
        let bin = curve.bins[0]
        #expect(bin.rows == count && bin.predicted == 0.25)
        #expect(abs(bin.observed - Double(positives) / Double(count)) < 1e-15)
        #expect(abs(bin.lower - lower) < 5e-5 && abs(bin.upper - upper) < 5e-5)
    }

    @Test(arguments: RandomKey.seeds(4))
    func binsAreThoseOfTheCalibrationError(key: RandomKey) throws {
        for weighted in [false, true] {
            let rows = try LabeledScores.random(rows: 1_013, weighted: weighted, key: key)
            let curve = try #require(ReliabilityCurve(task: "t", rows, bins: 10))
            #expect(curve.bins.reduce(0) { $0 + $1.rows } == 1_013)
            #expect(curve.bins.map(\.predicted) == curve.bins.map(\.predicted).sorted())
            for bin in curve.bins {
                #expect(bin.lower <= bin.observed && bin.observed <= bin.upper)
                #expect(bin.lower >= 0 && bin.upper <= 1)
            }
            guard !weighted else { continue }
            let error = curve.bins.reduce(0) {
                $0 + Double($1.rows) / 1_013 * abs($1.observed - $1.predicted)
            }
            let metric = try CalibrationError.prepare(rows, binning: .equalMass, bins: 10)
                .measureOnce(rows).value
            #expect(abs(error - metric) < 1e-12)
        }
    }

    @Test func aWeightOfTwoIsAsTwoRowsInMeansAndNotInIntervals() throws {
        let once = try Observations(
            labels: [0, 1, 1, 0],
            predictions: [0.1, 0.1, 0.9, 0.9],
            weights: [2, 1, 1, 1]
        )
        let twice = try Observations(
            labels: [0, 0, 1, 1, 0],
            predictions: [0.1, 0.1, 0.1, 0.9, 0.9]
        )
        let left = try #require(ReliabilityCurve(task: "t", once, bins: 2)).bins
        let right = try #require(ReliabilityCurve(task: "t", twice, bins: 2)).bins
        #expect(left.map(\.observed) == right.map(\.observed))
        #expect(zip(left, right).allSatisfy { abs($0.predicted - $1.predicted) < 1e-12 })
        #expect(left[0].upper > right[0].upper && left[0].rows == 2)
    }

    @Test func rowsThatAreNoProbabilitiesHaveNoCurve() throws {
        let numbers = try Observations(labels: [0.5, 1], predictions: [0.2, 0.3])
        let outside = try Observations(labels: [0, 1], predictions: [0.2, 1.3])
        let classes = try Observations(
            .classes(2),
            labels: [0, 1],
            predictions: [0.2, 0.8, 0.5, 0.5]
        )
        let nothing = try Observations(labels: [.nan], predictions: [0.2])
        for rows in [numbers, outside, classes, nothing] {
            #expect(ReliabilityCurve(task: "t", rows) == nil)
        }
    }
}
