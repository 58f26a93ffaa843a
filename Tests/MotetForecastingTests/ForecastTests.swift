import Foundation
import MotetCore
import MotetForecasting
import Testing

@Suite("Forecasts") struct ForecastTests {
    private static let levels = [0.1, 0.5, 0.9]

    @Test(arguments: RandomKey.seeds(20))
    func orderedQuantilesAreNoFurtherFromTheTruth(key: RandomKey) throws {
        var generator = key.generator()
        let truth = (0..<3).map { _ in Double.random(in: 0...9, using: &generator) }.sorted()
        let predicted = (0..<3).map { _ in Double.random(in: -2...12, using: &generator) }
        let quantiles = try ForecastQuantiles(levels: Self.levels, predicted: predicted)
        #expect(zip(quantiles.values, quantiles.values.dropFirst()).allSatisfy { $0 <= $1 })
        for power in [1.0, 2, 3] {
            func distance(_ values: [Double]) -> Double {
                zip(values, truth).reduce(0) { $0 + pow(abs($1.0 - $1.1), power) }
            }
            #expect(distance(quantiles.values) <= distance(predicted) + 1e-9)
        }
    }

    @Test func whatAreNoQuantilesIsRefused() {
        let cases: [([Double], [Double])] = [
            ([], []), ([0.5, 0.5], [1, 1]), ([0.9, 0.1], [1, 1]), ([0], [1]), ([1], [1]),
            ([0.5], []),
            ([0.5], [.nan]), ([0.5], [.infinity]), ([.nan], [1]),
        ]
        for (levels, predicted) in cases {
            let error = #expect(throws: ForecastError.self) {
                try ForecastQuantiles(levels: levels, predicted: predicted)
            }
            #expect(error?.code == .quantiles)
        }
    }

    @Test func sumsOfNormalDemandsAreNormal() throws {
        // The standard normal's 0.9 quantile.
        let z = 1.2815515655446004
        let periods = try [(100.0, 3.0), (80, 4), (120, 12)].map { mean, deviation in
            (
                mean: mean,
                quantiles: try ForecastQuantiles(
                    levels: Self.levels,
                    predicted: [mean - z * deviation, mean, mean + z * deviation]
                )
            )
        }
        for (correlation, deviation) in [
            (0.0, 13.0), (1, 19), (0.5, (0.5 * 361 + 0.5 * 169).squareRoot()),
        ] {
            let sum = try ForecastQuantiles.ofSum(periods, correlation: correlation)
            let expected = [300 - z * deviation, 300, 300 + z * deviation]
            for (value, expected) in zip(sum.values, expected) {
                #expect(abs(value - expected) < 1e-9)
            }
        }
        #expect(throws: ForecastError.self) { try ForecastQuantiles.ofSum([], correlation: 0) }
        #expect(throws: ForecastError.self) {
            try ForecastQuantiles.ofSum(periods, correlation: 1.1)
        }
    }

    @Test func hierarchiesSumExactly() throws {
        var generator = RandomKey(seed: 3).generator()
        let parents = (0..<1_000).map { _ in Int.random(in: 0..<17, using: &generator) }
        let items = parents.map { _ in
            UnitCount(Double.random(in: 0...1e5, using: &generator)) ?? .zero
        }
        let (categories, total) = try Hierarchy(parents: parents, categories: 17).sums(items)
        for category in 0..<17 {
            let own = zip(parents, items).filter { $0.0 == category }.map(\.1.thousandths)
            #expect(
                categories[category].thousandths == own.shuffled(using: &generator).reduce(0, +)
            )
        }
        #expect(total.thousandths == items.map(\.thousandths).reduce(0, +))
        #expect(throws: ForecastError.self) { try Hierarchy(parents: [0, 2], categories: 2) }
        #expect(throws: ForecastError.self) { try Hierarchy(parents: [-1], categories: 2) }
        let error = #expect(throws: ForecastError.self) {
            try Hierarchy(parents: [0, 0], categories: 1)
                .sums(Array(repeating: UnitCount(thousandths: .max / 2 + 1), count: 2))
        }
        #expect(error?.code == .forecastOverflow)
        #expect(Hierarchy.factor(own: 0, sum: items[0]) == 1)
        #expect(Hierarchy.factor(own: 4, sum: UnitCount(thousandths: 6_000)) == 1.5)
    }

    @Test func scoresAreThoseOfTheirFormulas() throws {
        let quantiles = try ForecastQuantiles(levels: [0.5, 0.9], predicted: [3, 6])
        let scores = try ForecastScores([
            .init(actual: 4, mean: 3, quantiles: quantiles),
            .init(actual: 0, mean: 1, quantiles: quantiles), .init(actual: 6, mean: 9),
        ])
        #expect(scores.count == 3)
        #expect(scores.wape == 0.5)
        #expect(scores.bias == 0.3)
        // The third forecast has no quantiles, and is in no coverage.
        #expect(scores.coverage == [0.5: 0.5, 0.9: 1])
        let pinball = try #require(scores.pinball[0.9])
        #expect(abs(pinball - (0.1 * 2 + 0.1 * 6) / 2) < 1e-12)
        #expect(scores.pinball[0.5] == (0.5 * 1 + 0.5 * 3) / 2)
        for outcomes in [
            [], [ForecastScores.Outcome(actual: 0, mean: 2)], [.init(actual: .nan, mean: 1)],
            [.init(actual: 1, mean: .infinity)],
            [.init(actual: 2, mean: 1), .init(actual: -1, mean: 1)],
        ] {
            #expect(throws: ForecastError.self) { try ForecastScores(outcomes) }
        }
    }

    @Test func theSeasonBeforeIsTheNaiveForecast() throws {
        let days = try PanelCases.panel((0..<20).map(Double.init), .day)
        let item = days.items[0]
        func units(_ origin: Int, _ horizon: Int) -> Double? {
            SeasonalNaive.units(item, of: days, origin: origin, horizon: horizon)
        }
        #expect((1...9).map { units(19, $0) } == [13, 14, 15, 16, 17, 18, 19, 13, 14])
        // Younger than a season: the last day.
        #expect(units(2, 1) == 2)
        #expect(units(20, 1) == nil)
        #expect(units(19, 0) == nil)
        let weeks = try PanelCases.panel((0..<60).map(Double.init))
        #expect(SeasonalNaive.units(weeks.items[0], of: weeks, origin: 59, horizon: 3) == 10)
    }
}
