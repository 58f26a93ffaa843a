import Foundation
import MotetCore
import MotetMetrics
import Testing

/// Values of scikit-learn; `Tests/Goldens/metrics/make_metrics.py` makes the file.
struct MetricGoldens: Decodable {
    struct Case: Decodable, CustomTestStringConvertible {
        struct Grouped: Decodable {
            let value: Double
            let used: Int
            let left_out: Int
        }

        let name: String
        let labels: [Float]
        let predictions: [Float]
        let weights: [Float]?
        let groups: [Int32]?
        let values: [String: Double]
        let gauc: [String: Grouped]?

        var testDescription: String { name }

        func observations() throws -> Observations {
            try Observations(
                labels: labels,
                predictions: predictions,
                weights: weights,
                groups: groups
            )
        }
    }

    let cases: [Case]
    let intervals: [String: [Double]]

    static func read() throws -> MetricGoldens {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appending(path: "Goldens/metrics/metrics.json"))
        return try JSONDecoder().decode(MetricGoldens.self, from: data)
    }
}

@Suite("Metrics against scikit-learn") struct MetricGoldenTests {
    @Test func everyValueAgrees() throws {
        for golden in try MetricGoldens.read().cases {
            let rows = try golden.observations()
            for (name, expected) in golden.values {
                let value = try Metric.named(name).evaluate(rows).value
                // Both sum in double precision; only the order of summation differs.
                #expect(
                    near(value, expected, relative: 1e-11),
                    "\(golden.name), \(name): expected \(expected); received \(value ?? .nan)"
                )
            }
        }
    }

    @Test(arguments: GAUC.Weighting.allCases)
    func groupedAUCAgrees(weighting: GAUC.Weighting) throws {
        for golden in try MetricGoldens.read().cases {
            guard let expected = golden.gauc?[weighting.rawValue] else { continue }
            let value = Metric.gauc(weighting: weighting).evaluate(try golden.observations())
            #expect(near(value.value, expected.value, relative: 1e-11), "\(golden.name)")
            #expect(value.groups?.used == expected.used, "\(golden.name)")
            #expect(value.groups?.leftOut == expected.left_out, "\(golden.name)")
        }
    }

    @Test func intervalsAgreeWithResamplingOfRows() throws {
        let goldens = try MetricGoldens.read()
        let rows = try #require(goldens.cases.first).observations()
        let bootstrap = Bootstrap(resamples: 4000, key: RandomKey(seed: 1))
        for (name, ends) in goldens.intervals {
            let estimate = bootstrap.estimate(try Metric.named(name), on: rows)
            let interval = try #require(estimate.interval)
            // Ends of 4000 resamples vary by about 2 % of the width (binomial count in the tail);
            // both sides vary, so three times the root of two of that is allowed.
            let width = ends[1] - ends[0]
            #expect(abs(interval.lower - ends[0]) < 0.085 * width, "\(name): \(interval), \(ends)")
            #expect(abs(interval.upper - ends[1]) < 0.085 * width, "\(name): \(interval), \(ends)")
        }
    }
}
