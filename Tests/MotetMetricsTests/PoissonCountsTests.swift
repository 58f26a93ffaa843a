import MotetCore
import Testing

@testable import MotetMetrics

@Suite("Poisson counts") struct PoissonCountsTests {
    @Test func countsFollowThePoissonDistribution() {
        var counts = [UInt8](repeating: 0, count: 400_001)
        PoissonCounts().fill(&counts, key: RandomKey(seed: 2))
        var probability = exponential(-1)
        for value in 0..<7 {
            let share = Double(counts.count { $0 == value }) / Double(counts.count)
            let deviation = (probability * (1 - probability) / Double(counts.count)).squareRoot()
            #expect(abs(share - probability) < 4 * deviation, "\(value): \(share)")
            probability /= Double(value + 1)
        }
    }

    @Test func rowsAndResamplesAreIndependent() {
        let rows = 200_000
        var counts = [UInt8](repeating: 0, count: rows)
        var others = counts
        PoissonCounts().fill(&counts, key: RandomKey(seed: 5).split(0))
        PoissonCounts().fill(&others, key: RandomKey(seed: 5).split(1))
        func correlation(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Double {
            // Mean and variance are 1.
            zip(left, right).reduce(0) { $0 + (Double($1.0) - 1) * (Double($1.1) - 1) }
                / Double(left.count)
        }
        let bound = 4 / Double(rows).squareRoot()
        for lag in 1...4 {
            let value = correlation(counts[..<(rows - lag)], counts[lag...])
            #expect(abs(value) < bound, "lag \(lag): \(value)")
        }
        let between = correlation(counts[...], others[...])
        #expect(abs(between) < bound, "\(between)")
    }

    @Test func everyDrawHasTheCountOfItsCumulativeProbability() {
        let poisson = PoissonCounts()
        #expect(poisson.count(of: 0) == 0)
        #expect(poisson.count(of: UInt64(exponential(-1) * 0x1p32) - 1) == 0)
        #expect(poisson.count(of: UInt64(exponential(-1) * 0x1p32) + 1) == 1)
        #expect(poisson.count(of: UInt64(UInt32.max)) >= 11)
        let counts = stride(from: UInt64(0), through: UInt64(UInt32.max), by: 65_537).map {
            poisson.count(of: $0)
        }
        #expect(counts == counts.sorted())
    }

    @Test func aRowKeepsItsCountWhenRowsFollow() {
        var few = [UInt8](repeating: 0, count: 33)
        var many = [UInt8](repeating: 0, count: 64)
        PoissonCounts().fill(&few, key: RandomKey(seed: 4))
        PoissonCounts().fill(&many, key: RandomKey(seed: 4))
        #expect(few == Array(many.prefix(33)))
    }
}
