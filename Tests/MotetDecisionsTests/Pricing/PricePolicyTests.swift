import Foundation
import MotetCore
import Testing

@testable import MotetDecisions

@Suite("Rules and choices of prices") struct PricePolicyTests {
    static func rules(
        _ floor: Double = 10,
        _ ceiling: Double = 30,
        step: Double = 0.5,
        change: Double? = nil,
        endings: Set<Int> = []
    ) throws -> PriceRules {
        try PriceRules(
            floor: Money(floor),
            ceiling: Money(ceiling),
            step: Money(step),
            greatestChange: change,
            endings: endings
        )
    }

    /// A belief that is nearly sure: q = 10 (p / 20)^elasticity.
    static func sure(_ elasticity: Double) throws -> DemandBelief {
        try DemandBelief(
            reference: Money(20),
            level: log(10),
            elasticity: elasticity,
            levelDeviation: 1e-6,
            elasticityDeviation: 1e-6
        )
    }

    @Test func rulesSayWhichPricesThereAre() throws {
        #expect(
            try Self.rules(10, 12).prices(after: Money(1)).map(\.units) == [10, 10.5, 11, 11.5, 12]
        )
        let near = try Self.rules(10, 30, step: 1, change: 0.1)
        #expect(near.prices(after: Money(20)).map(\.units) == [18, 19, 20, 21, 22])
        #expect(near.prices(after: Money(10)).map(\.units) == [10, 11])
        // So far away that no allowed price is near enough.
        #expect(near.prices(after: Money(50)).isEmpty)
        let endings = try Self.rules(1, 3, step: 0.01, endings: [99, 49])
        #expect(
            endings.prices(after: Money(2)).map(\.micros) == [
                1_490_000, 1_990_000, 2_490_000, 2_990_000,
            ]
        )
        // A step that is finer than a hundredth has endings at hundredths only.
        let fine = try Self.rules(1, 1.02, step: 0.005, endings: [1])
        #expect(fine.prices(after: Money(1)).map(\.micros) == [1_010_000])
    }

    /// With a constant elasticity below -1 the greatest margin is at `cost e / (1 + e)`, within a step.
    @Test(arguments: [-1.5, -2, -3, -5])
    func theGreatestMarginIsWhereTheoryHasIt(elasticity: Double) throws {
        let rules = try Self.rules(1, 40, step: 0.25)
        let policy = try PricePolicy(.margin(cost: Money(8)), exploration: .none)
        let decision = policy.decide(
            present: Money(20),
            try Self.sure(elasticity),
            rules,
            key: RandomKey(seed: 1)
        )
        #expect(abs(decision.price.units - 8 * elasticity / (1 + elasticity)) <= 0.25)
        #expect(decision.reason == .best && decision.propensity == 1)
        let best = try #require(decision.options.max { $0.value < $1.value })
        #expect(best.price == decision.price)
        for option in decision.options {
            let units = 10 * pow(option.price.units / 20, elasticity)
            #expect(abs(option.units / units - 1) < 1e-9)
            #expect(abs(option.value - units * (option.price.units - 8)) < 1e-6)
        }
    }

    @Test func objectivesDiffer() throws {
        let belief = try Self.sure(-0.5)
        func price(_ objective: PriceObjective) throws -> Double {
            try PricePolicy(objective, exploration: .none)
                .decide(present: Money(20), belief, Self.rules(), key: RandomKey(seed: 1)).price
                .units
        }
        // Below an elasticity of 1 revenue rises with the price, and units always fall.
        #expect(try price(.revenue) == 30)
        #expect(try price(.units) == 10)
        #expect(try price(.margin(cost: Money(5))) == 30)
    }

    /// With a stock of 2 a low price sells no more than a higher one.
    @Test func aSmallStockRaisesThePrice() throws {
        let policy = try PricePolicy(.margin(cost: Money(8)), exploration: .none)
        let belief = try Self.sure(-3)
        func price(_ stock: Int?) throws -> Double {
            policy.decide(
                present: Money(20),
                belief,
                try Self.rules(),
                stock: stock,
                key: RandomKey(seed: 1)
            ).price.units
        }
        #expect(try price(2) > price(nil) + 5)
        #expect(try price(10_000) == price(nil))
        // Nothing can be sold: every price is worth the same, and the present one stays.
        #expect(try price(0) == 20)
    }

    @Test func whereNoPriceIsAllowedThePresentOneStays() throws {
        let policy = try PricePolicy(.revenue)
        let decision = policy.decide(
            present: Money(90),
            try Self.sure(-2),
            try Self.rules(change: 0.05),
            key: RandomKey(seed: 1)
        )
        #expect(decision.price == Money(90) && decision.reason == .kept && decision.propensity == 1)
        #expect(decision.options.isEmpty)
    }

    /// Propensities add up to 1, are those of the draws, and prices are drawn with them.
    @Test func pricesAreDrawnWithTheirPropensities() throws {
        let belief = try DemandBeliefTests.belief()
        let rules = try Self.rules(16, 24, step: 2)
        let policy = try PricePolicy(.margin(cost: Money(9)), exploration: .thompson(draws: 400))
        var counts: [Money: Double] = [:]
        var sums: [Money: Double] = [:]
        for number in 0..<2_000 {
            let key = RandomKey(seed: 3).split(number)
            let decision = policy.decide(present: Money(20), belief, rules, key: key)
            #expect(decision == policy.decide(present: Money(20), belief, rules, key: key))
            #expect(abs(decision.options.reduce(0) { $0 + $1.propensity } - 1) < 1e-9)
            #expect(
                decision.options.first { $0.price == decision.price }?.propensity
                    == decision.propensity
            )
            #expect(decision.propensity > 0 && decision.reason == .explored)
            counts[decision.price, default: 0] += 1
            for option in decision.options { sums[option.price, default: 0] += option.propensity }
        }
        #expect(counts.count >= 2)
        for (price, sum) in sums {
            // Four standard errors of a share of 2,000.
            #expect(abs(counts[price, default: 0] - sum) < 4 * (2_000 * 0.25).squareRoot())
        }
    }

    /// A year in which each price is chosen by what was learnt before it: the elasticity is recovered within 10 %, and
    /// the second half of the year brings nearly what the best price would have.
    @Test func exploringFindsTheBestPrice() throws {
        let demand = KnownDemand(level: 3, elasticity: -2.5)
        let rules = try Self.rules(10, 30, step: 1, change: 0.25)
        let policy = try PricePolicy(.margin(cost: Money(9)))
        func margin(_ price: Money) -> Double {
            exp(demand.level + demand.elasticity * log(price.units / 20)) * (price.units - 9)
        }
        let best = try #require(rules.prices(after: Money(16)).map(margin).max())
        var (shares, elasticities) = ([Double](), [Double]())
        for year in 0..<5 {
            var generator = RandomKey(seed: 9).split(year).generator()
            var (belief, present, earned) = (try DemandBeliefTests.belief(), Money(20), 0.0)
            for day in 0..<365 {
                let key = RandomKey(seed: 10).split(year).split(day)
                present = policy.decide(present: present, belief, rules, key: key).price
                let units = demand.units(at: present, &generator)
                belief = try belief.learning(from: [(present, units)])
                if day >= 182 { earned += margin(present) / 183 }
            }
            shares.append(earned / best)
            elasticities.append(belief.mean.y)
        }
        #expect(shares.allSatisfy { $0 > 0.97 }, "\(shares)")
        let mean = elasticities.reduce(0, +) / 5
        #expect(abs(mean / demand.elasticity - 1) < 0.1, "\(elasticities)")
    }

    @Test func mistakesAreSentences() throws {
        func sentence(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return ""
        }
        #expect(
            sentence { _ = try Self.rules(0) }
                == "prices: 'floor' is out of range; expected more than 0; received 0.0."
        )
        #expect(
            sentence { _ = try Self.rules(10, 9) }
                == "prices: 'ceiling' is out of range; expected at least the floor, 10.0; received 9.0."
        )
        #expect(
            sentence { _ = try Self.rules(step: 0) }
                == "prices: 'step' is out of range; expected more than 0, at most 4000000000000.0; received 0.0."
        )
        #expect(
            sentence { _ = try Self.rules(change: 0) }
                == "prices: 'greatestChange' is out of range; expected more than 0; received 0.0."
        )
        #expect(
            sentence { _ = try Self.rules(endings: [50, 100]) }
                == "prices: 'endings' is out of range; expected hundredths from 0 to 99; received 100."
        )
        #expect(
            sentence { _ = try Self.rules(10.1, 10.4) }
                == "prices: none obeys the rules; expected a multiple of 0.5 from 10.1 to 10.4 with an ending that is allowed; "
                + "received none. Widen the range, or allow more endings."
        )
        #expect(
            sentence { _ = try PricePolicy(.units, exploration: .thompson(draws: 0)) }
                == "price policy: 'draws' is out of range; expected 1 to 1000000; received 0."
        )
    }
}
