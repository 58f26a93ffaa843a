import Foundation
import MotetCore
import Testing

@testable import MotetDecisions

@Suite("Propensities of prices under a stock") struct StockedSharesTests {
    private static let stocks = [1, 2, 3, 7, 40, 64, 65, 300, 5_000, 20_000]

    /// A menu of random prices, with a belief and a stock that may bind.
    private struct Case {
        let menu: PriceMenu
        let belief: DemandBelief
        let stock: Int
        let isUnits: Bool

        init(_ number: Int) throws {
            var generator = RandomKey(seed: 17).split(number).generator()
            func uniform(_ least: Double, _ greatest: Double) -> Double {
                least + (greatest - least) * generator.nextUniform()
            }
            stock = [1, 2, 4, 9, 30, 120][number % 6]
            let objective: PriceObjective =
                [.margin(cost: Money(uniform(2, 17))), .revenue, .units][number / 6 % 3]
            isUnits = objective == .units
            let belief = try DemandBelief(
                reference: Money(20),
                level: log(Double(stock)) + uniform(-1, 1.5),
                elasticity: uniform(-5, -0.1),
                levelDeviation: uniform(0.05, 1),
                elasticityDeviation: uniform(0.05, 1)
            )
            // Half of them with a level and an elasticity that depend on one another.
            self.belief =
                number % 2 == 0
                ? belief : try belief.learning(from: [(Money(18), stock), (Money(24), stock / 2)])
            let prices = (0..<Int(uniform(2, 60))).map { _ in
                Money((100 * uniform(12, 30)).rounded() / 100)
            }
            // At 30 a unit always brings something.
            menu = PriceMenu(
                Set(prices + [Money(30)]).sorted(),
                present: Money(20),
                objective,
                self.belief
            )
        }
    }

    /// The curve is within its bound of the sums, and concave.
    @Test(arguments: stocks)
    func theCurveOfSalesIsNearTheSums(stock: Int) {
        let curve = SalesCurve(stock: stock)
        let width = 1 / Double(stock).squareRoot()
        var worst = 0.0
        var (last, slope) = (-Double.infinity, 1.0)
        for step in 0...320 {
            // Beyond both ends of the knots too.
            let demand = log(Double(stock)) + width * (-10 + 0.05 * Double(step))
            let exact = log(PricingOracle.sales(mean: exp(demand), stock: stock))
            worst = max(worst, abs(curve(demand) - exact))
            if step > 0 {
                let own = (curve(demand) - last) / (0.05 * width)
                #expect(own <= slope + 1e-9 && own >= -1e-9, "\(demand): \(own) after \(slope)")
                slope = own
            }
            last = curve(demand)
            // The slope it tells is its own, but at the ends, where it bends at once.
            let between = demand + 0.013 * width
            let difference =
                (curve(between + 1e-5 * width) - curve(between - 1e-5 * width)) / 2e-5 / width
            #expect(abs(curve.slope(between) - difference) < 1e-5, "\(between)")
        }
        #expect(worst <= 1.3e-3 * width, "\(worst)")
        #expect(curve(-50) < -49.9 && abs(curve(800) - log(Double(stock))) < 1e-3)
    }

    @Test func salesOfManyAreTheSums() {
        for stock in [9_000, 10_000, 10_500, 40_000, 1_000_000] {
            for relative in [-6, -2, -0.5, 0, 0.5, 2, 6] {
                let mean = Double(stock) + relative * Double(stock).squareRoot()
                let own = Sales.expected(mean: mean, stock: stock)
                let sum = PricingOracle.sales(mean: mean, stock: stock)
                // The sums round: 1e-9 of them.
                #expect(abs(own - sum) < 1e-3 + 2e-9 * sum, "\(stock), \(mean): \(own), \(sum)")
            }
        }
        // Whatever a model says is told at once.
        #expect(abs(Sales.expected(mean: 1e18, stock: 1_000_000_000_000_000_000) / 1e18 - 1) < 1e-8)
    }

    /// The price that halving finds is worth what the best of all is, and is that one where it is clearly better.
    @Test func theBestPriceIsThatOfAllPrices() throws {
        var (equal, all) = (0, 0)
        for number in 0..<180 {
            let own = try Case(number)
            let first = try #require(own.menu.firstGain)
            let curve = SalesCurve(stock: own.stock)
            for demand in own.belief.demands(20, seed: UInt64(number)) {
                let place = own.menu.best(from: first, demand.x, demand.y, curve)
                let values = PricingOracle.values(own.menu, demand.x, demand.y, stock: own.stock)
                let best = PricingOracle.best(values, own.menu)
                let bound = 2 * 1.3e-3 / Double(own.stock).squareRoot()
                #expect(
                    values[place] >= values[best] * (1 - bound),
                    "\(number): \(values[place]) at \(place), \(values[best]) at \(best)"
                )
                // Looking at all prices by the same curve finds none that is better.
                func value(_ place: Int) -> Double {
                    own.menu.logarithmsOfGains[place]
                        + curve(demand.x + demand.y * own.menu.logarithms[place])
                }
                let scanned = own.menu.scanned(from: first, value)
                #expect(value(scanned) - value(place) <= 1e-12, "\(number): \(scanned), \(place)")
                // Of units, all prices that sell the whole stock are as good.
                if own.isUnits { continue }
                equal += place == best ? 1 : 0
                all += 1
            }
        }
        print("by halving \(equal) of \(all) best prices are those of the sums")
        #expect(equal > all * 95 / 100, "\(equal) of \(all)")
    }

    /// The shares are those of 20,000 demands that are drawn one by one and looked at at all prices.
    @Test(arguments: Array(0..<12) + Array(18..<30))
    func sharesAreThoseOfIndependentDraws(number: Int) throws {
        let own = try Case(number)
        var generator = RandomKey(seed: 3).split(number).generator()
        let shares = PriceShares.spread(5_000, own.menu, own.belief, stock: own.stock, &generator)
        #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
        let draws = 20_000
        var counts = [Double](repeating: 0, count: shares.count)
        for _ in 0..<draws {
            let drawn = own.belief.drawnAlone(&generator)
            // Sums of all quantities at all prices would take minutes.
            let values = zip(own.menu.gains, own.menu.logarithms).map { gain, logarithm in
                gain * Sales.expected(mean: exp(drawn.x + drawn.y * logarithm), stock: own.stock)
            }
            counts[PricingOracle.best(values, own.menu)] += 1 / Double(draws)
        }
        // How often a price up to each is the best: five standard errors, and what the curve and the lattice may be off.
        var (below, drawn) = (0.0, 0.0)
        for (share, count) in zip(shares, counts) {
            (below, drawn) = (below + share, drawn + count)
            let error = (max(drawn * (1 - drawn), 0) / Double(draws)).squareRoot()
            #expect(abs(below - drawn) < 5 * error + 0.02, "\(number): \(below), \(drawn)")
        }
    }

    /// Few demands that are spread have, over their shifts, the shares of many; and stray from them less than draws do.
    @Test func fewDemandsAreRightOnAverage() throws {
        let own = try Case(3)
        var generator = RandomKey(seed: 8).generator()
        let many = PriceShares.spread(50_000, own.menu, own.belief, stock: own.stock, &generator)
        let (rounds, count) = (400, 50)
        var means = [Double](repeating: 0, count: many.count)
        var squares = 0.0
        for _ in 0..<rounds {
            let few = PriceShares.spread(count, own.menu, own.belief, stock: own.stock, &generator)
            for place in few.indices {
                means[place] += few[place] / Double(rounds)
                squares += (few[place] - many[place]) * (few[place] - many[place])
            }
        }
        var independent = 0.0
        for (mean, share) in zip(means, many) {
            let variance = share * (1 - share) / Double(count)
            independent += variance
            // Four standard errors of as many independent draws.
            #expect(abs(mean - share) < 4 * (variance / Double(rounds)).squareRoot() + 2e-3)
        }
        print("squares of errors: \(squares / Double(rounds)) spread, \(independent) drawn")
        #expect(squares / Double(rounds) < independent / 2)
    }

    /// Spread demands have the belief's mean and covariance, where the cut is far away, and are never above it.
    @Test func spreadDemandsAreThoseOfTheBelief() throws {
        let periods = (0..<100).map { (Money(15 + Double($0 % 10)), 14 - $0 % 10) }
        let belief = try DemandBeliefTests.belief().learning(from: periods)
        let demands = belief.demands(4_000, seed: 2)
        let mean = demands.reduce(SIMD2(0, 0), +) / 4_000
        let centred = demands.map { $0 - mean }
        let variance = centred.reduce(SIMD2(0, 0)) { $0 + $1 * $1 } / 4_000
        let between = centred.reduce(0) { $0 + $1.x * $1.y } / 4_000
        let deviations = SIMD2(
            belief.covariance.level.squareRoot(),
            belief.covariance.elasticity.squareRoot()
        )
        #expect(abs(mean.x - belief.mean.x) < 0.005 * deviations.x)
        #expect(abs(mean.y - belief.mean.y) < 0.005 * deviations.y)
        #expect(abs(variance.x / belief.covariance.level - 1) < 0.01)
        #expect(abs(variance.y / belief.covariance.elasticity - 1) < 0.01)
        #expect(abs(between - belief.covariance.between) < 0.01 * deviations.x * deviations.y)
        // Half of it is cut off: what is left has the mean of half a normal distribution.
        let flat = try DemandBelief(
            reference: Money(10),
            level: 1,
            elasticity: 0,
            levelDeviation: 1,
            elasticityDeviation: 0.1
        )
        let below = flat.demands(4_000, seed: 3)
        #expect(below.allSatisfy { $0.y <= 0 })
        let sum = below.reduce(0) { $0 + $1.y } / 4_000
        #expect(abs(sum + 0.1 * (2 / Double.pi).squareRoot()) < 5e-4)
    }

    /// A share among draws is an exact probability: over many keys a price comes as often as the propensities say.
    @Test func pricesUnderAStockComeAsOftenAsTheirPropensities() throws {
        let belief = try DemandBelief(
            reference: Money(20),
            level: 1.5,
            elasticity: -2,
            levelDeviation: 0.5,
            elasticityDeviation: 0.7
        )
        let rules = try PricePolicyTests.rules(16, 24, step: 1)
        let policy = try PricePolicy(.margin(cost: Money(9)), exploration: .thompson(draws: 40))
        var (counts, sums, variances): ([Money: Double], [Money: Double], [Money: Double])
        (counts, sums, variances) = ([:], [:], [:])
        for number in 0..<4_000 {
            let key = RandomKey(seed: 6).split(number)
            let decision = policy.decide(present: Money(20), belief, rules, stock: 4, key: key)
            counts[decision.price, default: 0] += 1
            for option in decision.options {
                sums[option.price, default: 0] += option.propensity
                variances[option.price, default: 0] += option.propensity * (1 - option.propensity)
            }
        }
        #expect(counts.count >= 5)
        for (price, sum) in sums {
            // Four and a half standard errors of as many draws with these probabilities.
            let error = 4.5 * (variances[price] ?? 0).squareRoot() + 1
            #expect(abs((counts[price] ?? 0) - sum) < error, "\(price): \(counts), \(sums)")
        }
    }

    @Test func quantilesAreThoseOfPython() {
        // statistics.NormalDist().inv_cdf(share), Python 3.11.7.
        let expected: [(share: Double, quantile: Double)] = [
            (1e-300, -37.0470962993612), (1e-100, -21.27345356096532), (1e-20, -9.262340089798405),
            (1e-9, -5.9978070150076865), (0.001, -3.090232306167813),
            (0.02425, -1.9729610513118845), (0.0749, -1.4402382675279632),
            (0.075, -1.4395314709384557), (0.3, -0.5244005127080407), (0.5, 0),
            (0.6, 0.2533471031357998), (0.925, 1.439531470938456), (0.9251, 1.4402382675279632),
            (0.999, 3.090232306167813), (0.999999999999, 7.0344869100478356),
        ]
        for (share, quantile) in expected {
            let own = Normal.quantile(share)
            #expect(abs(own - quantile) <= 1e-13 * max(1, abs(quantile)), "\(share): \(own)")
            if share > 1e-290 {
                #expect(abs(Normal.below(own) / share - 1) < 1e-9, "\(share)")
            }
        }
    }
}
