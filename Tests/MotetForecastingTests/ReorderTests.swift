import Foundation
import MotetCore
import MotetForecasting
import Testing

@Suite("Reorder") struct ReorderTests {
    private func demand(_ levels: [Double], _ values: [Double]) throws -> DemandDistribution {
        DemandDistribution(try ForecastQuantiles(levels: levels, predicted: values))
    }

    /// The integral of a function of the quantiles, by the rule of Simpson in levels that stretch towards 1.
    private func integral(_ demand: DemandDistribution, _ value: (Double) -> Double) -> Double {
        // With u = 1 - exp(-t) the tail is as smooth as the rest.
        let steps = 400_000
        let end = 36.0
        func part(_ index: Int) -> Double {
            let t = end * Double(index) / Double(steps)
            return value(demand.quantile(-expm1(-t))) * exp(-t)
        }
        var sum = part(0) + part(steps)
        for index in 1..<steps { sum += part(index) * (index % 2 == 1 ? 4 : 2) }
        return sum * end / Double(steps) / 3
    }

    @Test func theDistributionGoesThroughItsQuantiles() throws {
        let demand = try demand([0.1, 0.5, 0.9], [2, 10, 30])
        #expect(demand.quantile(0) == 0)
        #expect(abs(demand.quantile(0.1) - 2) < 1e-12)
        #expect(abs(demand.quantile(0.5) - 10) < 1e-12)
        #expect(abs(demand.quantile(0.9) - 30) < 1e-12)
        #expect(abs(demand.quantile(0.3) - 6) < 1e-12)
        // Five times rarer than 0.5 is 20 more: so is five times rarer again.
        #expect(abs(demand.quantile(0.98) - 50) < 1e-9)
    }

    @Test func shortagesAreIntegralsOfTheQuantiles() throws {
        for (levels, values) in [
            ([0.1, 0.5, 0.9], [2.0, 10, 30]), ([0.5], [4]), ([0.2, 0.8], [0, 5]),
            ([0.25, 0.75], [3, 3]),
        ] {
            let demand = try demand(levels, values)
            #expect(abs(demand.mean - integral(demand) { $0 }) < 1e-4)
            for stock in [0.0, 1, 3, 7, 29, 30, 31, 80] {
                let shortage = integral(demand) { max(0, $0 - stock) }
                let surplus = integral(demand) { max(0, stock - $0) }
                // Simpson's rule at the kinks, and the end of the tail.
                #expect(
                    abs(demand.shortage(stock) - shortage) < 1e-4,
                    "\(levels) \(values) \(stock)"
                )
                #expect(abs(demand.surplus(stock) - surplus) < 1e-4, "\(levels) \(values) \(stock)")
            }
        }
    }

    @Test(arguments: RandomKey.seeds(300))
    func noQuantityThatCanBeOrderedCostsLess(key: RandomKey) throws {
        var generator = key.generator()
        func draw(_ range: ClosedRange<Double>) -> Double {
            Double.random(in: range, using: &generator)
        }
        let values = (0..<3).map { _ in draw(0...60) }
        let demand = try demand(
            [0.1, 0.5, 0.9],
            Bool.random(using: &generator) ? values : [0, 0, draw(0...3)]
        )
        var terms = Reorder.Terms(price: draw(5...20), cost: draw(1...5), holding: draw(0.05...4))
        terms.shortage = Bool.random(using: &generator) ? draw(0...6) : 0
        terms.stock = Bool.random(using: &generator) ? draw(0...40) : 0
        terms.onOrder = Bool.random(using: &generator) ? draw(0...20) : 0
        terms.pack = [1, 6, 12, 0.5, 25].randomElement(using: &generator) ?? 1
        terms.minimum = Bool.random(using: &generator) ? draw(0...50) : 0
        let reorder = try Reorder(terms, demand: demand)
        let ratio =
            (terms.price - terms.cost + terms.shortage)
            / (terms.price - terms.cost + terms.shortage + terms.holding)
        #expect(abs(reorder.criticalRatio - ratio) < 1e-12)
        func cost(_ quantity: Double) -> Double {
            let stock = terms.stock + terms.onOrder + quantity
            return terms.under * demand.shortage(stock) + terms.holding * demand.surplus(stock)
        }
        var least = cost(0)
        for packs in 1...1_500 {
            let quantity = Double(packs) * terms.pack
            if quantity >= terms.minimum { least = min(least, cost(quantity)) }
        }
        #expect(abs(reorder.expectedCost - cost(reorder.quantity)) < 1e-9)
        #expect(reorder.expectedCost <= least + 1e-9 * (1 + least), "\(terms) \(reorder)")
        let packs = reorder.quantity / terms.pack
        #expect(abs(packs - packs.rounded()) < 1e-9)
        #expect(reorder.quantity == 0 || reorder.quantity >= terms.minimum)
    }

    @Test func moreIsOrderedWhereMissingCostsMore() throws {
        let demand = try demand([0.1, 0.5, 0.9], [5, 12, 31])
        var last = -1.0
        for shortage in [0.0, 1, 5, 20, 100, 1e6] {
            var terms = Reorder.Terms(price: 3, cost: 2, holding: 0.5)
            terms.shortage = shortage
            let reorder = try Reorder(terms, demand: demand)
            #expect(reorder.quantity >= last)
            last = reorder.quantity
        }
        var full = Reorder.Terms(price: 3, cost: 2, holding: 0.5)
        full.stock = 1_000
        #expect(try Reorder(full, demand: demand).quantity == 0)
    }

    @Test func termsThatAreNoneAreRefused() throws {
        let fine = Reorder.Terms(price: 3, cost: 2, holding: 0.5)
        let cases: [(String, (inout Reorder.Terms) -> Void)] = [
            ("price", { $0.price = -1 }), ("cost", { $0.cost = .nan }),
            ("holding", { $0.holding = -0.1 }),
            ("shortage", { $0.shortage = .infinity }), ("stock", { $0.stock = -1 }),
            ("on_order", { $0.onOrder = 1e10 }), ("pack", { $0.pack = 0 }),
            ("minimum", { $0.minimum = -2 }),
            ("cost", { $0.cost = 3 }), ("holding", { $0.holding = 0 }),
        ]
        let demand = try demand([0.5], [4])
        #expect(throws: Never.self) { try Reorder(fine, demand: demand) }
        for (name, change) in cases {
            var terms = fine
            change(&terms)
            let error = #expect(throws: ForecastError.self) { try Reorder(terms, demand: demand) }
            #expect(
                error?.description.hasPrefix("\(name): ") == true,
                "\(error?.description ?? "")"
            )
        }
    }
}
