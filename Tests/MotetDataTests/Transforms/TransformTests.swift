import Foundation
import MotetCore
import Testing

@testable import MotetData

/// What NumPy computed; see Tests/Goldens/data/transforms.py.
private struct TransformGoldens: Decodable {
    struct Case: Decodable, CustomTestStringConvertible, Sendable {
        var name: String
        var values: [Double]
        var levels: [Double]
        var quantiles: [Double]
        var standardise: [Double]?
        var minMax: [Double]?
        var clip: [Double]?
        var bins: [Int]?
        var log1p: [Double]?
        var composed: [Double]?

        var testDescription: String { name }
    }

    var cases: [Case]

    static let all: [Case] = {
        let url = URL(fileURLWithPath: goldenData("transforms.json"))
        guard let data = try? Data(contentsOf: url),
            let goldens = try? JSONDecoder().decode(TransformGoldens.self, from: data)
        else { return [] }
        return goldens.cases
    }()
}

/// Fits a numeric feature to values; NaN stands for a missing one.
func fit(
    _ transforms: [FeatureTransform],
    missing: MissingPolicy = .ownBucket,
    to values: [Double]
) throws -> FittedNumeric {
    var present = values.filter { !$0.isNaN }
    let count = present.count
    present += Array(repeating: 0, count: values.count - count)
    return try present.withUnsafeMutableBufferPointer { buffer in
        try NumericFitter(
            feature: FeatureSpecification(
                "x",
                kind: .numeric,
                transforms: transforms,
                missing: missing
            ),
            values: buffer,
            present: count,
            missing: values.count - count
        ).fitted()
    }
}

@Suite("Transforms against NumPy") struct TransformTests {
    @Test func theGoldensAreThere() { #expect(TransformGoldens.all.count == 6) }

    @Test(arguments: TransformGoldens.all)
    fileprivate func quantilesAgree(golden: TransformGoldens.Case) {
        let quantiles = golden.values.withUnsafeBufferPointer {
            OrderStatistics.quantiles(golden.levels, of: $0)
        }
        // NumPy interpolates with the same two forms, so no rounding is allowed for.
        #expect(quantiles == golden.quantiles)
    }

    @Test(arguments: TransformGoldens.all)
    fileprivate func fittedValuesAgree(golden: TransformGoldens.Case) throws {
        let table: [([FeatureTransform], [Double]?)] = [
            ([.standardise], golden.standardise),
            ([.minMax], golden.minMax),
            ([.clip(lower: 0.1, upper: 0.9)], golden.clip),
            ([.log1p], golden.log1p),
            ([.clip(lower: 0.1, upper: 0.9), .log1p, .standardise], golden.composed),
            ([.quantileBins(8)], golden.bins?.map(Double.init)),
        ]
        for (transforms, expected) in table {
            guard let expected else { continue }
            let fitted = try fit(transforms, to: golden.values)
            for (value, wanted) in zip(golden.values, expected) {
                let error = abs(fitted(value) - wanted)
                // Sums in another order than NumPy's: a few units in the last place of about 1.
                #expect(error <= 1e-12 * max(1, abs(wanted)), "\(transforms) of \(value): \(error)")
            }
        }
    }

    @Test func orderStatisticsAreTheSortedValues() {
        var generator = Generator(state: 5)
        let values = (0..<5_000).map { _ in
            Double(bitPattern: generator.next())
        }.filter { !$0.isNaN }
        let ranks = (0..<values.count).map { Int64($0) }.filter { $0 % 37 == 0 }
        let found = values.withUnsafeBufferPointer { OrderStatistics.select(ranks, from: $0) }
        let sorted = values.sorted()
        #expect(found == ranks.map { sorted[Int($0)] })
    }

    @Test func binsKeepAValueOnAnEdgeAbove() throws {
        let fitted = try fit([.quantileBins(2)], to: [1, 2, 3, 4, 5])
        #expect(fitted.edges == [3])
        #expect([2.9, 3, 3.1].map { fitted($0) } == [1, 2, 2])
    }

    @Test func equalQuantilesMakeOneEdge() throws {
        #expect(try fit([.quantileBins(10)], to: [7, 7, 7, 7]).edges == [7])
    }

    @Test(arguments: [
        (MissingPolicy.Fill.number(9), 9.0), (.mean, 2), (.median, 1.5), (.mostFrequent, 1),
    ])
    func fillsComeFromTheValuesThatAreThere(fill: MissingPolicy.Fill, expected: Double) throws {
        let fitted = try fit([], missing: .fill(fill), to: [1, .nan, 1, 2, 4, .nan])
        #expect(fitted.fill == expected)
    }

    @Test func laterStatisticsSeeTheFill() throws {
        // 1, 3 and the fill 8: mean 4, range 1 ... 8.
        let fitted = try fit([.minMax], missing: .fill(.number(8)), to: [1, 3, .nan])
        #expect(fitted.transforms == [.affine(offset: 1, scale: 1.0 / 7)])
    }

    @Test func aLogarithmOfTooSmallANumberIsRefused() {
        let sentence =
            "feature \"x\": log1p has no finite value; expected a number above -1; received -3. "
            + "Give the column an allowed range, or clip it first."
        #expect {
            try fit([.log1p], to: [1, -3])
        } throws: { ($0 as? PreparationError)?.description == sentence }
    }

    @Test func aLogRatioIsZeroAtItsReference() throws {
        let given = try fit([.logRatio(reference: 20)], to: [3, 50])
        #expect(given.transforms == [.logRatio(reference: 20)])
        #expect(given(20) == 0)
        for value in [1e-300, 0.01, 1, 19.99, 7e12, 1e308] {
            #expect(abs(given(value) - (log(value) - log(20))) <= 1e-15 * abs(given(value)))
        }
    }

    @Test func theReferenceOfALogRatioIsTheGeometricMean() throws {
        let fitted = try fit([.logRatio(reference: nil)], to: [1, 10, 100, .nan])
        guard case .logRatio(let reference) = fitted.transforms[0] else {
            return #expect(Bool(false), "\(fitted.transforms)")
        }
        #expect(abs(reference - 10) <= 1e-14)
        // Statistics that follow are of the logarithms.
        let standard = try fit([.logRatio(reference: nil), .standardise], to: [1, 10, 100])
        #expect(abs(standard(100) - 1.5.squareRoot()) <= 1e-14)
    }

    @Test(arguments: [0.0, -3])
    func aLogRatioOfANumberNotAboveZeroIsRefused(value: Double) {
        let sentence =
            "feature \"x\": log has no finite value; expected a number above 0; received "
            + "\(value == 0 ? "0" : "-3"). Give the column an allowed range, or clip it first."
        #expect {
            try fit([.logRatio(reference: nil)], to: [1, value])
        } throws: { ($0 as? PreparationError)?.description == sentence }
    }

    @Test func aColumnWithoutNumbersIsRefused() {
        #expect {
            try fit([], to: [.nan, .nan])
        } throws: { ($0 as? PreparationError)?.code.rawValue == "no_values" }
    }
}

/// A linear congruential generator, for bit patterns.
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
