import Foundation
import MotetCore
import Testing

@testable import MotetSimulation

@Suite("Simulated prices and demand") struct MarketTests {
    private func market(
        endogeneity: Double
    ) throws -> (market: Market, truth: [Double], units: [Float]) {
        let settings = smallShop(rows: 100) {
            $0.days = 200
            $0.prices.endogeneity = endogeneity
            $0.prices.variation = 0.15
            // Many units, so that their logarithm is hardly noisy.
            $0.demand.units = 2_000
            $0.demand.stockCover = 0
            $0.sparsity.items = 0
            $0.calendar.weekend = 0
            $0.calendar.season = 0
        }
        let world = try SimulatedWorld(settings)
        return (world.market, world.catalogue.elasticity.map(Double.init), world.catalogue.units)
    }

    /// The mean over items of an estimate of the elasticity less the truth, and its standard error.
    private func error(
        _ market: Market,
        _ truth: [Double],
        instrument: [Float]
    ) -> (mean: Double, standardError: Double) {
        let days = market.days
        let errors = truth.indices.map { item in
            let rows = (item * days)..<((item + 1) * days)
            let demand = rows.map { log(Double(max(market.wantedElsewhere[$0], 1))) }
            let price = rows.map { log(Double(market.price[$0])) }
            let shifter = rows.map { log(Double(instrument[$0])) }
            let (meanDemand, meanPrice, meanShifter) = (mean(demand), mean(price), mean(shifter))
            var (above, below) = (0.0, 0.0)
            for day in 0..<days {
                above += (shifter[day] - meanShifter) * (demand[day] - meanDemand)
                below += (shifter[day] - meanShifter) * (price[day] - meanPrice)
            }
            return above / below - truth[item]
        }
        let centre = mean(errors)
        let variance = mean(errors.map { ($0 - centre) * ($0 - centre) })
        return (centre, (variance / Double(errors.count)).squareRoot())
    }

    @Test func exogenousPricesGiveTheElasticityBack() throws {
        let (market, truth, _) = try market(endogeneity: 0)
        let found = error(market, truth, instrument: market.price)
        #expect(abs(found.mean) < 4 * found.standardError + 0.02, "\(found)")
    }

    @Test func endogenousPricesHideItUnlessCostsAreTheInstrument() throws {
        let (market, truth, _) = try market(endogeneity: 0.8)
        let naive = error(market, truth, instrument: market.price)
        // The covariance of price and shock over the variance of the price, about 0.8.
        #expect(naive.mean > 0.4, "\(naive)")
        let instrumented = error(market, truth, instrument: market.cost)
        #expect(abs(instrumented.mean) < 4 * instrumented.standardError + 0.03, "\(instrumented)")
    }

    @Test(arguments: [100, 60_000])
    func unitsSoldNeverExceedTheStock(rows: Int) throws {
        let world = try SimulatedWorld(smallShop(rows: rows) { $0.demand.stockCover = 0.9 })
        let market = world.market
        for row in market.sold.indices {
            #expect(market.sold[row] == min(market.wanted(row), market.stock[row]))
            let day = row % market.days
            if day % 7 != 0 {
                #expect(market.stock[row] == market.stock[row - 1] - market.sold[row - 1])
            }
        }
    }

    /// The orders of each item on each day, as the rows tell them.
    private func payments(_ block: ImpressionBlock, _ market: Market) -> [Int32] {
        var payments = market.sold.map { _ in Int32(0) }
        for row in 0..<block.count {
            payments[Int(block.item[row]) * market.days + Int(block.day[row])] +=
                block.payFinal[row]
        }
        return payments
    }

    /// Each payment takes a unit from the stock that others buy from too, and what is sold out is not paid.
    @Test(arguments: [0, 0.7, 1.2])
    func paymentsOfTheLogAreAmongTheUnitsSold(cover: Double) throws {
        let settings = smallShop(rows: 120_000) {
            $0.demand.stockCover = cover
            $0.demand.units = 3
        }
        let (world, block) = try simulated(settings)
        let market = world.market
        #expect(payments(block, market) == market.soldInLog)
        for row in market.sold.indices {
            let elsewhere = market.sold[row] - market.soldInLog[row]
            #expect(elsewhere >= 0 && elsewhere <= market.wantedElsewhere[row])
            #expect(market.soldInLog[row] <= market.ordered[row])
            let isSoldOut = market.soldOutAt[row] < 1
            #expect(isSoldOut == (cover > 0 && market.stock[row] == market.sold[row]))
        }
        let (paid, ordered) = (
            market.soldInLog.reduce(0) { $0 + Int($1) }, market.ordered.reduce(0) { $0 + Int($1) }
        )
        #expect(paid > 1_000)
        #expect(cover == 0 ? paid == ordered : paid < ordered, "\(paid) of \(ordered)")
    }

    /// Units one after the other, in every order of others and of the log.
    @Test func whoComesFirstIsServedFirst() {
        var random = RandomKey(seed: 4).generator()
        for _ in 0..<2_000 {
            let elsewhere = Int.random(in: 0..<8, using: &random)
            let orders = (0..<Int.random(in: 0..<6, using: &random))
                .map { _ in Double.random(in: 0..<1, using: &random) }.sorted()
            let stock = Int.random(in: 0..<12, using: &random)
            let day = StockedDay(elsewhere: elsewhere, orders: orders[...], stock: stock)
            var queue = orders.map { (moment: $0, isOfLog: true) }
            for unit in 0..<elsewhere {
                queue.append(((Double(unit) + 0.5) / Double(elsewhere), false))
            }
            queue.sort { $0.moment < $1.moment }
            let served = queue.prefix(stock)
            #expect(day.soldInLog == served.count { $0.isOfLog })
            #expect(day.soldElsewhere == served.count - day.soldInLog)
            #expect((day.soldOutAt == 1) == (served.count < stock))
            // Who asks up to that moment gets a unit, and nobody behind it.
            for (place, asked) in queue.enumerated() {
                #expect((asked.moment <= day.soldOutAt) == (place < served.count))
            }
        }
    }

    @Test func weekendsAndHolidaysLiftDemandAndTraffic() throws {
        let settings = smallShop(rows: 200_000) {
            $0.days = 28
            $0.calendar.weekend = 0.5
            $0.calendar.season = 0
            $0.calendar.holidays = [9]
            $0.calendar.holidayLift = 1
        }
        let (world, block) = try simulated(settings)
        var rows = [Double](repeating: 0, count: 28)
        for day in block.day { rows[Int(day)] += 1 }
        let ordinary = mean(
            (0..<28).filter { world.traffic.weekdays[$0] < 5 && $0 != 9 }.map { rows[$0] }
        )
        for day in 0..<28 {
            let expected = ordinary * exp(world.traffic.logCalendar[day])
            #expect(abs(rows[day] / expected - 1) < 0.1, "day \(day)")
        }
        // 2026-01-01 is a Thursday, and row times agree with their columns.
        #expect(world.traffic.weekdays[0] == 3)
        #expect(world.traffic.start == 1_767_225_600)
        for row in stride(from: 0, to: block.count, by: 997) {
            let seconds = block.timestamp[row] - world.traffic.start
            #expect(seconds / 86_400 == Int64(block.day[row]))
            #expect(seconds % 86_400 / 3600 == Int64(block.hour[row]))
            #expect(row == 0 || block.timestamp[row] >= block.timestamp[row - 1])
        }
    }

    @Test func adsPayASecondPriceAndStopWithTheirBudget() throws {
        let settings = smallShop(rows: 400_000) {
            $0.ads.greatestBudget = 0.6
            $0.ads.share = 0.6
            $0.sparsity.items = 0
            // Every item has the same appeal, so that only chance moves the sum of what is spent.
            $0.tasks.strength = 0
            $0.scenario.spread = 0
            $0.prices.shock = 0
            $0.prices.variation = 0
            $0.prices.promotions = 0
            $0.demand.stockCover = 0
        }
        let (world, block) = try simulated(settings)
        let ads = (0..<block.count).filter { block.campaign[$0] >= 0 }
        #expect(ads.count > 1_000)
        for row in ads {
            #expect(block.competingBid[row] <= block.bid[row])
            let campaign = Int(block.campaign[row])
            #expect(world.campaigns.item[campaign] == block.item[row])
            let isCharged = block.charge[row] > 0
            let isDue =
                world.campaigns.type[campaign] == .cpa
                ? block.payFinal[row] == 1 : block.outcome[0][row] == 1
            #expect(isCharged == isDue)
        }
        // No campaign shows after 60 % of a day's rows: the last hour has none.
        #expect(!ads.contains { block.hour[$0] == 23 })
        // Budgets are what is spent, on the whole, but for the noise of a few expensive items.
        let spent = ads.reduce(0) { $0 + Double(block.charge[$1]) }
        let budget = world.campaigns.budget.reduce(0) { $0 + Double($1) } * 20
        #expect(abs(spent / budget - 1) < 0.25, "\(spent) of \(budget)")
    }

    @Test func poissonNumbersHaveTheirMeanAndVariance() {
        for mean in [0.3, 4, 30, 200] {
            let key = RandomKey(seed: 5).split("\(mean)")
            let drawn = (0..<20_000).map { Double(key.split($0).poisson(mean: mean)) }
            let found = MotetSimulationTests.mean(drawn)
            let variance = MotetSimulationTests.mean(drawn.map { ($0 - found) * ($0 - found) })
            #expect(abs(found - mean) < 5 * (mean / 20_000).squareRoot(), "\(found)")
            #expect(abs(variance / mean - 1) < 0.08, "\(variance)")
        }
    }
}
