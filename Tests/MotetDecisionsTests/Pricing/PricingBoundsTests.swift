import Foundation
import MotetCore
import Testing

@testable import MotetDecisions

@Suite("Prices at their bounds") struct PricingBoundsTests {
    /// Prices that rose with demand: the elasticity that is learnt is above 0, and what is expected is what was sold.
    @Test func theLevelFollowsWhereTheElasticityIsCutOff() throws {
        let prior = try DemandBelief(
            reference: Money(10),
            level: 1,
            elasticity: -1,
            levelDeviation: 2,
            elasticityDeviation: 1
        )
        let periods = (0..<100).map { period in
            [(price: Money(20), units: 8), (Money(22), 9), (Money(25), 10)][period % 3]
        }
        let belief = try prior.learning(from: periods)
        #expect(belief.mean.y > 0)
        // Demand that does not depend on the price is 9, up to what is left of the belief before.
        for price in [20.0, 22, 25] { #expect(abs(belief.units(at: Money(price)) - 9) < 0.3) }
        var sum = 0.0
        for drawn in belief.demands(2_000, seed: 2) {
            #expect(drawn.y <= 0)
            sum += belief.units(at: Money(22), drawn) / 2_000
        }
        #expect(abs(sum - 9) < 0.5)
        #expect(belief.mayExceed(5, at: Money(22)))
    }

    @Test func greatAmountsAreRefusedOrTakenWithoutOverflow() throws {
        for (floor, ceiling, step) in [(5e12, 5e12, 5e12), (1, 5e12, 1), (1, 2, 5e12)] {
            #expect(throws: DecisionError.self) {
                try PriceRules(floor: Money(floor), ceiling: Money(ceiling), step: Money(step))
            }
        }
        let most = PriceRules.greatest
        let rules = try PriceRules(floor: most, ceiling: most, step: most, greatestChange: 100)
        for present in [Money(5e12), Money(9e12), most, Money(1), Money(micros: .max)] {
            let prices = rules.prices(after: present)
            #expect(rules.prices(after: present, most: 3) == prices)
            #expect(rules.count(after: present) >= prices.count)
            #expect(rules.nearest(to: present, after: present) == prices.first)
        }
        #expect(rules.prices(after: Money(5e12)) == [most])
        let wide = try PriceRules(floor: Money(1e12), ceiling: most, step: Money(3e12))
        #expect(wide.nearest(to: Money(1), after: Money(1)) == Money(3e12))
        #expect(wide.nearest(to: most, after: Money(1)) == Money(3e12))
    }

    /// What has no price yet, or one that is none, may get any that is allowed.
    @Test(arguments: [0, -5.0])
    func aPresentPriceOfNothingIsNotTold(present: Double) throws {
        let rules = try PriceRules(floor: Money(10), ceiling: Money(12), greatestChange: 0.1)
        let decision = try PricePolicy(.revenue).decide(
            present: Money(present),
            PricePolicyTests.sure(-2),
            rules,
            key: RandomKey(seed: 1)
        )
        #expect(rules.allows(decision.price) && decision.reason == .explored)
    }

    @Test func salesAreNumbersWhateverDemandAndStockAre() throws {
        #expect(Sales.expected(mean: .infinity, stock: 7) == 7)
        #expect(Sales.expected(mean: .nan, stock: 7) == 0)
        #expect(Sales.expected(mean: 3, stock: -2) == 0)
        // Where nothing can be sold every price is worth the same, and the nearest is the best of all demands.
        let rules = try PricePolicyTests.rules(18, 22, step: 1)
        for stock in [-3, 0] {
            let decision = try PricePolicy(.revenue).decide(
                present: Money(20.4),
                PricePolicyTests.sure(-2),
                rules,
                stock: stock,
                key: RandomKey(seed: 1)
            )
            #expect(decision.price == Money(20) && decision.propensity == 1)
        }
        // A cost below 0 is told by nobody, but has its best price too: 10 (p / 20)^-2 (p + 5) falls.
        let paid = try PricePolicy(.margin(cost: Money(-5))).decide(
            present: Money(20),
            PricePolicyTests.sure(-2),
            rules,
            stock: 40,
            key: RandomKey(seed: 1)
        )
        #expect(paid.price == Money(18) && paid.propensity == 1)
        for stock in [1, 40, 1_000_000_000] {
            let curve = SalesCurve(stock: stock)
            #expect(curve(-1e4) <= -1e4 && abs(curve(1e6) - log(Double(stock))) < 1e-3)
        }
    }

    @Test func valuesThatNoNumberHoldsHaveAnInterval() throws {
        let decisions = try LoggedDecisions(
            rewards: [1e308, 1e308, -1e308],
            propensities: [0.1, 0.1, 0.1],
            targets: [1, 1, 1]
        )
        let estimate = try #require(PolicyEvaluation(decisions).estimate(.ips))
        #expect(estimate.interval == -.infinity ... .infinity)
    }

    @Test(arguments: [
        ("price", 0.0), ("price", 1e-160), ("present", -1), ("best", .infinity), ("propensity", 2),
        ("level", 1e9), ("cost", .infinity),
    ])
    func aLoggedPriceThatCannotBeIsRefused(name: String, value: Double) throws {
        func number(_ own: String, _ fallback: Double) -> Double { own == name ? value : fallback }
        let logged = LoggedPrice(
            decision: "d1",
            draw: "d1",
            item: "i",
            objective: "margin",
            present: number("present", 20),
            price: number("price", 18),
            propensity: number("propensity", 0.5),
            best: number("best", 18),
            level: number("level", 1),
            elasticity: -2,
            cost: number("cost", 9),
            stock: nil
        )
        let error = #expect(throws: DecisionError.self) {
            try PriceLog([logged]).decisions(outcomes: ["d1": 1], candidate: .best)
        }
        #expect("\(try #require(error))".hasPrefix("decision \"d1\": '\(name)' is out of range"))
    }
}
