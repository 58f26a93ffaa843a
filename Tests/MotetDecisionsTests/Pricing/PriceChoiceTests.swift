import Foundation
import MotetCore
import Testing

@testable import MotetDecisions

/// A choice looks at few prices; a decision, which explains it, at all.
@Suite("Choices of prices") struct PriceChoiceTests {
    /// A random question, whose stock may bind, may not, or is not there.
    private static func question(_ number: Int) throws -> PriceQuestion {
        var generator = RandomKey(seed: 23).split(number).generator()
        func uniform(_ least: Double, _ greatest: Double) -> Double {
            least + (greatest - least) * generator.nextUniform()
        }
        let stock = [nil, 0, 1, 3, 8, 60, 65, 900, 9_000, 40_000][number % 10]
        let present = Money((100 * uniform(15, 25)).rounded() / 100)
        let objective: PriceObjective =
            [.margin(cost: Money(uniform(2, 24))), .revenue, .units, .margin(cost: Money(-3))][
                number / 10 % 4
            ]
        let endings: Set<Int> = number / 40 % 2 == 0 ? [] : [99, 49, 0]
        return PriceQuestion(
            item: "item-\(number)",
            present: present,
            belief: try DemandBelief(
                reference: Money(20),
                level: log(Double(max(stock ?? 5, 1))) + uniform(-1.5, 1.5),
                elasticity: uniform(-5, -0.1),
                levelDeviation: uniform(0.05, 1),
                elasticityDeviation: uniform(0.05, 1)
            ),
            rules: try PriceRules(
                floor: Money(10),
                ceiling: Money(30),
                step: Money(endings.isEmpty ? 0.05 : 0.01),
                greatestChange: uniform(0.03, 0.4),
                endings: endings
            ),
            objective: objective,
            stock: stock
        )
    }

    /// Price, propensity and best price are those of the decision that has all prices, with curves that are kept and without.
    @Test(arguments: [
        PricePolicy.Exploration.thompson(draws: 50), .thompson(draws: 7), .none,
    ])
    func aChoiceIsThatOfTheWholeDecision(exploration: PricePolicy.Exploration) throws {
        var settings = PriceBook.Settings()
        settings.exploration = exploration
        let book = PriceBook(settings)
        let curves = SalesCurves()
        var (bound, differing) = (0, 0)
        for number in 0..<800 {
            let question = try Self.question(number)
            let draft = book.draft(question, at: 1_780_000_000_000)
            let chosen = try settings.choice(draft, curves)
            #expect(try settings.choice(draft) == chosen, "\(number)")
            let options = try book.options(of: chosen)
            guard let last = options.last else {
                #expect(chosen.reason == .kept, "\(number)")
                continue
            }
            if chosen.reason == .noMargin {
                #expect(chosen.price == last.price && chosen.propensity == 1, "\(number)")
                continue
            }
            let option = try #require(options.first { $0.price == chosen.price })
            #expect(option.propensity == chosen.propensity, "\(number)")
            #expect(option.units == chosen.units && option.value == chosen.value, "\(number)")
            // By looking at all: the greatest value, of equal ones the nearest, of equal distances the lower.
            let greatest = options.map(\.value).max() ?? 0
            func distance(_ price: Money) -> Int64 { abs(price.micros - question.present.micros) }
            let best = options.filter { $0.value == greatest }
                .min { (distance($0.price), $0.price) < (distance($1.price), $1.price) }
            #expect(chosen.best == best?.price, "\(number): \(chosen.best), \(options)")
            if chosen.best != last.price, chosen.best != options[0].price { differing += 1 }
            if question.stock.map({ $0 > 0 }) ?? false { bound += 1 }
        }
        // Not all of them at an end of the menu, and most with a stock.
        #expect(bound > 400 && differing > 100, "\(bound), \(differing)")
        #expect(exploration == .none ? curves.count == 0 : curves.count == 8)
    }

    @Test func noMoreCurvesAreKeptThanAreWanted() {
        let curves = SalesCurves(most: 3)
        for stock in [1, 2, 3, 2, 4, 1, 5, 4] {
            let (kept, own) = (curves.curve(of: stock), SalesCurve(stock: stock))
            for demand in [-1.0, 0.3, 1, 2.5] {
                #expect(kept(demand) == own(demand) && kept.slope(demand) == own.slope(demand))
            }
            #expect((1...3).contains(curves.count))
        }
        // Known ones are not forgotten: 4, 1, 5 are there.
        #expect(curves.count == 3)
    }

    /// Four quantiles at once have the bits of each alone, in the middle and at both ends.
    @Test func quantilesOfFourAreThoseOfEach() {
        var generator = RandomKey(seed: 12).generator()
        let ends = [1e-300, 1e-20, 1e-9, 0.0749, 0.075, 0.0751, 0.5, 0.925, 0.9251, 1 - 0x1p-53]
        let shares = ends + (0..<9_990).map { _ in max(generator.nextUniform(), 0x1p-60) }
        for start in stride(from: 0, to: shares.count, by: 4) {
            let four = SIMD4(shares[start..<start + 4])
            let quantiles = Normal.quantiles(four)
            for lane in 0..<4 { #expect(quantiles[lane] == Normal.quantile(four[lane])) }
        }
        let swapped = Normal.quantiles(SIMD4(0.999, 0.3, 1e-9, 0.5))
        let expected = [0.999, 0.3, 1e-9, 0.5].map(Normal.quantile)
        #expect((0..<4).allSatisfy { swapped[$0] == expected[$0] })
    }

    /// However many demands there are, there are as many, each below the cut, and their levels are evenly spread.
    @Test(arguments: [1, 2, 3, 4, 5, 50, 1_001])
    func demandsAreAsManyAsWereAskedFor(count: Int) throws {
        let belief = try DemandBelief(
            reference: Money(20),
            level: 1,
            elasticity: -0.2,
            levelDeviation: 0.5,
            elasticityDeviation: 0.7
        )
        let whole = Normal.below(0.2 / 0.7)
        for seed in 1...20 {
            let demands = belief.demands(count, seed: UInt64(seed))
            #expect(demands.count == count && demands.allSatisfy { $0.y <= 0 })
            // One in each part of the belief's elasticities: the shares of the lattice.
            for (number, demand) in demands.enumerated() {
                let share = Normal.below((demand.y + 0.2) / 0.7) / whole * Double(count)
                #expect(share > Double(number) - 1e-6 && share < Double(number + 1) + 1e-6)
            }
            // No part of the levels is left out: no gap of the golden ratio's points is above phi^3 / sqrt(5) = 1.89 of the mean one.
            let levels = demands.map { Normal.below(($0.x - 1) / 0.5) }.sorted()
            for (level, next) in zip(levels, levels.dropFirst()) {
                #expect((next - level) * Double(count) < 1.95)
            }
        }
    }
}
