import Foundation
import MotetCore
import Testing

@testable import MotetDecisions

@Suite("Propensities of prices") struct PriceSharesTests {
    private static let objectives: [PriceObjective] = [.margin(cost: Money(9)), .revenue, .units]

    private static func belief(
        _ elasticity: Double,
        _ deviation: Double
    ) throws -> DemandBelief {
        try DemandBelief(
            reference: Money(20),
            level: 2,
            elasticity: elasticity,
            levelDeviation: 0.4,
            elasticityDeviation: deviation
        )
    }

    /// The shares without drawing are those of 200,000 draws.
    @Test(arguments: [-0.3, -1, -2, -4], [0.2, 0.8])
    func exactSharesAreThoseOfDraws(elasticity: Double, deviation: Double) throws {
        let prices = [10, 12, 15, 18, 20, 22, 25, 30].map { Money(Double($0)) }
        let belief = try Self.belief(elasticity, deviation)
        for objective in Self.objectives {
            let menu = PriceMenu(prices, present: Money(20), objective, belief)
            let gains = menu.gains
            let exact = try #require(PriceShares.exact(menu, belief))
            #expect(abs(exact.reduce(0, +) - 1) < 1e-12)
            var counts = [Double](repeating: 0, count: prices.count)
            var generator = RandomKey(seed: 4).generator()
            let draws = 200_000
            for _ in 0..<draws {
                let drawn = belief.drawnAlone(&generator)
                let values = prices.indices.map { gains[$0] * belief.units(at: prices[$0], drawn) }
                let best = values.indices.max { values[$0] < values[$1] } ?? 0
                counts[best] += 1
            }
            for (share, count) in zip(exact, counts) {
                // Five standard errors of a share of 200,000, at most 0.0056.
                let error = (max(share * (1 - share), 1e-6) / Double(draws)).squareRoot()
                #expect(
                    abs(count / Double(draws) - share) < 5 * error + 1e-5,
                    "\(objective): \(exact) against \(counts)"
                )
            }
        }
    }

    @Test func aBeliefNearlyAllAboveZeroIsTheElasticityZero() throws {
        let prices = [10, 20, 30].map { Money(Double($0)) }
        let belief = try Self.belief(0, 1e-6).learning(from: [(Money(40), 4000), (Money(10), 1)])
        let menu = PriceMenu(prices, present: Money(20), .revenue, belief)
        let shares = try #require(PriceShares.exact(menu, belief))
        #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
        #expect(shares[2] > 0.999, "\(shares)")
    }

    @Test func whereNoPriceBringsAnythingThereAreNoShares() throws {
        let belief = try Self.belief(-2, 0.5)
        let prices = [Money(5), Money(8)]
        let menu = PriceMenu(prices, present: Money(5), .margin(cost: Money(9)), belief)
        #expect(PriceShares.exact(menu, belief) == nil)
        // With a stock the price that loses least of each unit is the best of all demands.
        var generator = RandomKey(seed: 1).generator()
        #expect(PriceShares.spread(50, menu, belief, stock: 2, &generator) == [0, 1])
    }

    /// With a stock that may bind, prices are drawn, and higher ones more often than without.
    @Test func aStockThatMayBindRaisesPrices() throws {
        let rules = try PricePolicyTests.rules(12, 30, step: 1)
        let policy = try PricePolicy(.margin(cost: Money(8)), exploration: .thompson(draws: 400))
        func mean(_ stock: Int?) throws -> Double {
            policy.decide(
                present: Money(20),
                try Self.belief(-3, 0.5),
                rules,
                stock: stock,
                key: RandomKey(seed: 2)
            ).options.reduce(0) { $0 + $1.propensity * $1.price.units }
        }
        #expect(try mean(3) > mean(nil) + 2)
        #expect(try mean(1_000_000) == mean(nil))
    }

    /// Where one price wins every draw its propensity is 1, and no more: a log refuses others.
    @Test(arguments: [49, 199, 200, 400, 1000])
    func sharesOfDrawsAreNoGreaterThanOne(_ draws: Int) throws {
        let rules = try PricePolicyTests.rules(12, 30, step: 6)
        let policy = try PricePolicy(.revenue, exploration: .thompson(draws: draws))
        let options = policy.decide(
            present: Money(20),
            try Self.belief(-0.01, 1e-3),
            rules,
            stock: 3,
            key: RandomKey(seed: 2)
        ).options
        #expect(options.map(\.propensity).max() == 1)
    }

    @Test func rulesOfManyPricesAreReadWithoutListingThem() throws {
        let rules = try PriceRules(floor: Money(0.01), ceiling: Money(1e9), endings: [99])
        #expect(rules.count(after: Money(5)) == 99_999_999_999 + 1)
        let near = try PriceRules(floor: Money(1), ceiling: Money(1e6), greatestChange: 0.1)
        #expect(near.count(after: Money(10)) == 201)
        #expect(near.count(after: Money(10)) == near.prices(after: Money(10)).count)
        #expect(throws: DecisionError.self) {
            try PriceRules(floor: Money(1), ceiling: Money(1e9), step: Money(1), endings: [99])
        }
    }
}
