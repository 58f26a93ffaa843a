import MotetCore
import Testing

@testable import MotetSimulation

@Suite("Simulated labels") struct LabelTests {
    @Test func aConversionIsSeenOnceItsDelayIsOverByTheCutOff() throws {
        let settings = smallShop { $0.delays.payHours = 60 }
        let (world, block) = try simulated(settings)
        let end = Double(settings.days * 24)
        var late = 0
        for row in 0..<block.count {
            guard block.payFinal[row] == 1 else {
                #expect(block.payDelay[row].isNaN && block.label[2][row] == 0)
                continue
            }
            // The delay is written as a 32-bit float.
            let isSeen = block.hours[row] + Double(block.payDelay[row]) <= end
            #expect(block.label[2][row] == (isSeen ? 1 : 0))
            #expect(block.payHours[row].isNaN == !isSeen)
            late += isSeen ? 0 : 1
        }
        #expect(late > 50)
        let seen = block.label[2].reduce(0, +)
        #expect(Double(seen) == Double(block.payFinal.reduce(0, +)) - Double(late))
        // Divided by the mean of their items, delays are exponential with mean 1.
        let paces = (0..<block.count).filter { block.payFinal[$0] == 1 }.map { row in
            let pace = Double(world.catalogue.latents[Int(block.item[row]) * 8])
            return Double(block.payDelay[row]) / (60 * exponential(pace / 2 - 0.125))
        }
        let error = 1 / Double(paces.count).squareRoot()
        #expect(abs(mean(paces) - 1) < 4 * error, "\(mean(paces))")
    }

    @Test func everythingIsSeenLongAfterTheEnd() throws {
        let (_, block) = try simulated(smallShop(rows: 20_000) { $0.delays.cutoffHours = 100_000 })
        #expect(block.label[2].map(Int32.init) == block.payFinal)
        #expect(block.label[3].map(Int32.init) == block.returnFinal)
    }

    @Test func withoutDelaysLabelsAreFinal() throws {
        let settings = smallShop(rows: 20_000) {
            $0.delays.payHours = 0
            $0.delays.returnHours = 0
        }
        let (_, block) = try simulated(settings)
        #expect(block.label[2].map(Int32.init) == block.payFinal)
        #expect(block.label[3].map(Int32.init) == block.returnFinal)
    }

    @Test func labelsAreMissingAtTheirRatesAndAtRandom() throws {
        let settings = smallShop {
            $0.missing.click = 0.1
            $0.missing.cart = 0.3
            $0.missing.returned = 1
        }
        let (_, block) = try simulated(settings)
        for (step, rate) in [0.1, 0.3, 0, 1].enumerated() {
            let missing = block.label[step].map { $0.isNaN ? 1.0 : 0 }
            let rates = [Double](repeating: rate, count: block.count)
            #expect(abs(deviations(missing, rates)) < 4)
        }
        // What is there is what would have been there.
        let clicks = block.label[0].indices.filter { !block.label[0][$0].isNaN }
        #expect(clicks.allSatisfy { Int32(block.label[0][$0]) == block.outcome[0][$0] })
        let shown = clicks.map { Double(block.label[0][$0]) }
        #expect(abs(mean(shown) - mean(block.outcome[0].map(Double.init))) < 0.01)
    }

    @Test func labelsOfLaterStepsNeedTheEarlierOnes() throws {
        let (_, block) = try simulated(smallShop(rows: 20_000))
        for row in 0..<block.count {
            for step in 1..<FunnelStep.count {
                #expect(block.label[step][row] <= block.label[step - 1][row])
            }
            #expect(block.rating[row].isNaN || block.label[2][row] == 1)
        }
    }

    @Test func whatIsOutOfStockIsNotPaid() throws {
        let (world, block) = try simulated(smallShop { $0.demand.stockCover = 0.8 })
        let out = (0..<block.count).filter { block.isInStock[$0] == 0 }
        #expect(out.count > 1_000)
        #expect(out.allSatisfy { block.payFinal[$0] == 0 && block.conversion[$0] == 0 })
        #expect(out.contains { block.payInStock[$0] > 0.3 })
        let soldOut = world.market.sold.indices.filter {
            world.market.sold[$0] < world.market.wanted($0)
        }
        #expect(!soldOut.isEmpty)
        let (endless, rows) = try simulated(smallShop { $0.demand.stockCover = 0 })
        #expect(endless.market.sold == endless.market.sold.indices.map(endless.market.wanted))
        #expect(rows.isInStock.allSatisfy { $0 == 1 })
    }
}
