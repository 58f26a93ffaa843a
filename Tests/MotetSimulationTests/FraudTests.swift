import Testing

@testable import MotetSimulation

@Suite("Simulated fraud") struct FraudTests {
    private let settings = smallShop(rows: 60_000) {
        $0.fraud.ringAccounts = 0.1
        $0.fraud.ringSize = 10
    }

    @Test func membersOfARingShareDevicesAndAnAddress() throws {
        let accounts = try SimulatedWorld(settings).accounts
        #expect(accounts.ringSellers.count == 20)
        for ring in 0..<20 {
            let members = accounts.ring.indices.filter { accounts.ring[$0] == ring }
            #expect(members.count == 10)
            #expect(Set(members.map { accounts.address[$0] }).count == 1)
            for member in members {
                let others = members.filter {
                    $0 != member && accounts.device[$0] == accounts.device[member]
                }
                #expect(!others.isEmpty)
                #expect(accounts.deviceAccounts[member] >= 2)
            }
        }
        // Sharing alone is no proof: honest accounts share too.
        let honest = accounts.ring.indices.filter { accounts.ring[$0] < 0 }
        #expect(honest.count { accounts.deviceAccounts[$0] > 1 } > honest.count / 20)
    }

    @Test func fakeOrdersComeFromRingsInTheirWavesForTheirSellers() throws {
        let (world, block) = try simulated(settings)
        let fakes = (0..<block.count).filter { block.isFake[$0] }
        #expect(fakes.count > 200)
        for row in fakes {
            let ring = Int(world.accounts.ring[Int(block.user[row])])
            #expect(ring >= 0 && block.ring[row] == Int32(ring))
            let seller = Int(world.accounts.ringSellers[ring])
            let items = world.catalogue.itemsOfSeller[seller]
            #expect(items.isEmpty || items.contains(block.item[row]))
            let start = Int(world.accounts.ringStarts[ring])
            let day = (Int(block.day[row]) + 14 - start) % 14
            #expect(day < 4)
            #expect(block.outcome[0][row] == 1 && block.campaign[row] == -1)
            #expect(block.returnFinal[row] == 0)
            if block.isInStock[row] == 1 { #expect(block.payFinal[row] == 1) }
        }
    }

    @Test func fakeReviewsAreTheReviewsOfFakeOrders() throws {
        let (_, block) = try simulated(settings)
        for row in 0..<block.count {
            let isReviewed = !block.rating[row].isNaN
            #expect(block.isFakeReview[row] == (isReviewed && block.isFake[row] ? 1 : 0))
            if block.isFakeReview[row] == 1 { #expect(block.rating[row] == 5) }
        }
        #expect(block.isFakeReview.contains(1))
    }

    @Test func reportsAreAFractionOfTheTruth() throws {
        let (_, block) = try simulated(settings)
        let paid = (0..<block.count).filter { !block.payHours[$0].isNaN }
        let fakes = paid.filter { block.isFake[$0] }
        let reported = fakes.map { Double(block.reported[$0]) }
        #expect(abs(deviations(reported, fakes.map { _ in 0.5 })) < 4)
        #expect(!(0..<block.count).contains { block.reported[$0] == 1 && block.payHours[$0].isNaN })
    }

    @Test func withoutRingsNothingIsFake() throws {
        let (world, block) = try simulated(smallShop(rows: 10_000) { $0.fraud.ringAccounts = 0 })
        #expect(world.accounts.ringSellers.isEmpty)
        #expect(!block.isFake.contains(true))
    }
}
