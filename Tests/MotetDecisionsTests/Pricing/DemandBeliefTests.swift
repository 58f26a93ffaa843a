import Foundation
import MotetCore
import Testing

@testable import MotetDecisions

/// What scipy makes of sales; see `Tests/Goldens/decisions`.
struct PricingGolden: Decodable {
    struct Belief: Decodable {
        let reference: Double
        let prior: [Double]
        let prices: [Double]
        let units: [Int]
        let mean: [Double]
        let covariance: [Double]
    }

    struct Bounded: Decodable {
        let mean: Double
        let stock: Int
        let expected: Double
    }

    let beliefs: [Belief]
    let sales: [Bounded]

    static func read() throws -> PricingGolden {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/decisions/pricing.json")
        return try JSONDecoder().decode(PricingGolden.self, from: Data(contentsOf: file))
    }
}

/// A shop with one item whose demand is known.
struct KnownDemand {
    var level = 2.0
    var elasticity = -1.8
    let reference = Money(20)

    func units(at price: Money, _ generator: inout RandomKeyGenerator) -> Int {
        let mean = exp(level + elasticity * log(price.units / reference.units))
        // Knuth's product of uniform numbers; means here are below 100.
        var (units, product) = (0, generator.nextUniform())
        while product > exp(-mean) {
            units += 1
            product *= generator.nextUniform()
        }
        return units
    }
}

@Suite("Beliefs about demand") struct DemandBeliefTests {
    static func belief() throws -> DemandBelief {
        try DemandBelief(
            reference: Money(20),
            level: 1,
            elasticity: -1,
            levelDeviation: 2,
            elasticityDeviation: 1
        )
    }

    @Test func learningIsThatOfScipy() throws {
        let golden = try PricingGolden.read()
        #expect(golden.beliefs.count == 3)
        for expected in golden.beliefs {
            let belief = try DemandBelief(
                reference: Money(expected.reference),
                level: expected.prior[0],
                elasticity: expected.prior[1],
                levelDeviation: expected.prior[2],
                elasticityDeviation: expected.prior[3]
            )
            let periods = zip(expected.prices, expected.units).map { (Money($0), $1) }
            let learnt = try belief.learning(from: periods)
            // Scipy stops at differences it cannot see in the density; its curvature is one of differences.
            #expect(abs(learnt.mean.x - expected.mean[0]) < 1e-6)
            #expect(abs(learnt.mean.y - expected.mean[1]) < 1e-6)
            let covariance = learnt.covariance
            let own = [covariance.level, covariance.elasticity, covariance.between]
            for (own, scipys) in zip(own, expected.covariance) {
                #expect(abs(own - scipys) < 1e-3 * covariance.level.magnitude + 1e-4 * abs(scipys))
            }
        }
    }

    @Test func boundedSalesAreThoseOfScipy() throws {
        let golden = try PricingGolden.read()
        #expect(golden.sales.count == 30)
        for sales in golden.sales {
            let own = Sales.expected(mean: sales.mean, stock: sales.stock)
            #expect(abs(own - sales.expected) < 1e-9 * max(1, sales.expected), "\(sales)")
        }
        #expect(Sales.expected(mean: 3, stock: nil) == 3)
        #expect(Sales.expected(mean: 3, stock: 0) == 0)
    }

    /// The elasticity of 40 items from 200 days of drawn prices each: right on average, and within 10 % for most.
    @Test func aKnownElasticityIsRecovered() throws {
        var errors: [Double] = []
        for item in 0..<40 {
            var demand = KnownDemand()
            demand.elasticity = -1 - Double(item) / 20
            var generator = RandomKey(seed: 5).split(item).generator()
            let periods = (0..<200).map { _ in
                let price = Money(
                    (demand.reference.units * exp(generator.nextUniform() - 0.5)).rounded()
                )
                return (price: price, units: demand.units(at: price, &generator))
            }
            let learnt = try Self.belief().learning(from: periods)
            errors.append(learnt.mean.y / demand.elasticity - 1)
        }
        #expect(abs(errors.reduce(0, +) / 40) < 0.02)
        #expect(errors.filter { abs($0) < 0.1 }.count >= 36, "\(errors)")
    }

    /// What the test above looks for is found where prices follow demand: raised on days when more would buy.
    @Test func pricesThatFollowDemandMislead() throws {
        var generator = RandomKey(seed: 6).generator()
        let periods = (0..<400).map { _ in
            let mood = generator.nextNormal() * 0.4
            let demand = KnownDemand(level: 2 + mood)
            let price = Money((20 * exp(0.5 * mood)).rounded())
            return (price: price, units: demand.units(at: price, &generator))
        }
        let learnt = try Self.belief().learning(from: periods)
        #expect(learnt.mean.y > -1.8 * 0.5)
    }

    @Test func demandNeverRisesWithThePrice() throws {
        let flat = try DemandBelief(
            reference: Money(10),
            level: 1,
            elasticity: 0,
            levelDeviation: 1,
            elasticityDeviation: 0.1
        )
        // Sales that rise with the price, as a log with confounded prices may have them.
        let rising = try flat.learning(from: (1...60).map { (Money(Double($0)), $0) })
        #expect(rising.mean.y > 0.5)
        #expect(rising.units(at: Money(20)) == rising.units(at: Money(5)))
        for belief in [flat, rising] {
            #expect(belief.demands(500, seed: 1).allSatisfy { $0.y <= 0 })
        }
    }

    @Test func mistakesAreSentences() throws {
        func sentence(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return ""
        }
        func belief(
            _ reference: Double,
            _ level: Double,
            _ elasticity: Double,
            _ deviation: Double
        ) throws {
            _ = try DemandBelief(
                reference: Money(reference),
                level: level,
                elasticity: elasticity,
                levelDeviation: 1,
                elasticityDeviation: deviation
            )
        }
        #expect(
            sentence { try belief(0, 0, 0, 1) }
                == "demand: 'reference' is out of range; expected more than 0; received 0.0."
        )
        #expect(
            sentence { try belief(1, .nan, 0, 1) }
                == "demand: 'level' is out of range; expected -50 to 50; received nan."
        )
        #expect(
            sentence { try belief(1, 0, 0.5, 1) }
                == "demand: 'elasticity' is out of range; expected -50 to 0; received 0.5."
        )
        #expect(
            sentence { try belief(1, 0, -1, 0) }
                == "demand: 'elasticityDeviation' is out of range; expected more than 0 and at most 1000; received 0.0."
        )
        #expect(
            sentence { _ = try Self.belief().learning(from: [(Money(1), 2), (Money(1), -2)]) }
                == "period 2: no sale is like this; expected a price above 0 and at least 0 units; received 1.0 and -2."
        )
    }
}
