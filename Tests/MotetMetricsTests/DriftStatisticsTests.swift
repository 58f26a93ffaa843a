import Foundation
import MotetMetrics
import Testing

@Suite("statistics of drift") struct DriftStatisticsTests {
    private struct Golden: Decodable {
        struct Pair: Decodable {
            let first, second: [Float]
            let distance, probability: Double
        }
        struct Limit: Decodable { let value, probability: Double }
        struct Index: Decodable {
            let shares: [Double]
            let counts: [Int]
            let index: Double
        }

        let pairs: [Pair]
        let limits: [Limit]
        let indexes: [Index]

        static func read() throws -> Golden {
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Goldens/metrics/drift.json")
            return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
        }
    }

    @Test func distancesAndProbabilitiesAreThoseOfScipy() throws {
        let golden = try Golden.read()
        #expect(golden.pairs.count == 6)
        for pair in golden.pairs {
            let found = try #require(TwoSampleTest.compare(sorted: pair.first, pair.second))
            // Differences of shares, each rounded once.
            #expect(abs(found.distance - pair.distance) < 1e-12)
            #expect(abs(found.probability - pair.probability) < 1e-12)
        }
        for limit in golden.limits {
            #expect(abs(TwoSampleTest.exceeding(limit.value) - limit.probability) < 1e-12)
        }
    }

    @Test func theDistanceIsThatOfTheDefinition() throws {
        for pair in try Golden.read().pairs {
            let all = pair.first + pair.second
            func share(_ sample: [Float], upTo value: Float) -> Double {
                Double(sample.count { $0 <= value }) / Double(sample.count)
            }
            let slow = all.map { abs(share(pair.first, upTo: $0) - share(pair.second, upTo: $0)) }
            let found = try #require(TwoSampleTest.compare(sorted: pair.first, pair.second))
            #expect(abs(found.distance - (slow.max() ?? 0)) < 1e-12)
            let turned = TwoSampleTest.compare(sorted: pair.second, pair.first)
            #expect(turned == found)
        }
        #expect(TwoSampleTest.compare(sorted: [], [1]) == nil)
        #expect(TwoSampleTest.compare(sorted: [1, 2], [1, 2])?.distance == 0)
        #expect(TwoSampleTest.compare(sorted: [1, 2], [3, 4])?.distance == 1)
    }

    @Test func indexesAreThoseOfNumpy() throws {
        for index in try Golden.read().indexes {
            let found = try #require(StabilityIndex.value(index.counts, against: index.shares))
            #expect(abs(found - index.index) < 1e-12)
        }
    }

    @Test func smallGroupsAreTakenTogether() throws {
        let shares = [0.05, 0.05, 0.4, 0.45, 0.05]
        let found = StabilityIndex.value([10, 0, 40, 45, 5], against: shares, least: 0.1)
        // Groups of a tenth, four tenths and a half.
        let whole = try #require(StabilityIndex.value([10, 40, 50], against: [0.1, 0.4, 0.5]))
        #expect(abs(try #require(found) - whole) < 1e-12)
        #expect(StabilityIndex.value([0, 0], against: [0.5, 0.5]) == nil)
        #expect(StabilityIndex.value([1, 1], against: [0, 0]) == nil)
        #expect(StabilityIndex.value([7], against: [1]) == 0)
    }
}
