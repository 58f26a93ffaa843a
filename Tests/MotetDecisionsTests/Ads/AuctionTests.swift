import MotetDecisions
import MotetCore
import Testing

extension Draws {
    mutating func candidates(_ count: Int, paced: Bool = true) throws -> [AdCandidate] {
        try (0..<count).map { number in
            let payment = Bid.Payment.allCases[Int(next() * 3)]
            return try AdCandidate(
                "ad\(number)",
                campaign: "campaign\(number % 3)",
                bid: Bid(payment, Money(0.01 + next() * (payment == .click ? 2 : 40))),
                click: 0.01 + next() * 0.2,
                conversion: 0.01 + next() * 0.3,
                share: paced ? 0.2 + next() * 0.8 : 1
            )
        }
    }
}

@Suite("Auctions of places of ads") struct AuctionTests {
    /// Places and prices by hand: scores 0.06, 0.05, 0.02 for a showing; the reserve is 0.01.
    @Test func eachPlacePaysTheNextScore() throws {
        let ads = [
            try AdCandidate("c", campaign: "c", bid: Bid(.click, Money(0.2)), click: 0.1),
            try AdCandidate("a", campaign: "a", bid: Bid(.click, Money(0.3)), click: 0.2),
            try AdCandidate(
                "b",
                campaign: "b",
                bid: Bid(.conversion, Money(10)),
                click: 0.1,
                conversion: 0.05
            ),
        ]
        let result = try Auction(places: 2, reserve: 10).sell(to: ads)
        #expect(result.placements.map(\.candidate) == [1, 2])
        // 0.05 / 0.2 for a click, 0.02 / (0.1 * 0.05) for a conversion.
        #expect(result.placements.map(\.price.micros) == [250_000, 4_000_000])
        #expect(result.outbid == [0])
        #expect(result.belowReserve.isEmpty)
    }

    @Test func theLastPlacePaysTheReserve() throws {
        let ad = try AdCandidate("a", campaign: "a", bid: Bid(.click, Money(0.3)), click: 0.2)
        let alone = try Auction(places: 3, reserve: 10).sell(to: [ad])
        #expect(alone.placements.map(\.price.micros) == [50_000])
        let free = try Auction().sell(to: [ad])
        #expect(free.placements.map(\.price) == [.zero])
        let below = try Auction(reserve: 60.1).sell(to: [ad])
        #expect(below.placements.isEmpty && below.belowReserve == [0])
    }

    @Test func anAdThatIsNeverClickedIsNotShown() throws {
        let ad = try AdCandidate("a", campaign: "a", bid: Bid(.click, Money(3)), click: 0)
        let result = try Auction().sell(to: [ad])
        #expect(result.placements.isEmpty && result.belowReserve == [0])
    }

    /// A bid for conversions that is charged for clicks pays what each click was worth at most.
    @Test func anOptimizedClickCostsAtMostItsShareOfTheConversion() throws {
        let ads = [
            try AdCandidate(
                "a",
                campaign: "a",
                bid: Bid(.optimizedClick, Money(10)),
                click: 0.1,
                conversion: 0.05
            ),
            try AdCandidate("b", campaign: "b", bid: Bid(.click, Money(0.4)), click: 0.1),
        ]
        let result = try Auction().sell(to: ads)
        #expect(result.placements.map(\.candidate) == [0])
        #expect(result.placements.map(\.price.micros) == [400_000])
    }

    @Test(arguments: 1...200) func aPriceIsTheLeastBidThatKeepsThePlace(seed: Int) throws {
        var draws = Draws(UInt64(seed))
        let ads = try draws.candidates(12)
        let auction = try Auction(places: 4, reserve: draws.next() * 40)
        let result = auction.sell(to: ads)
        let reference = Self.literal(auction, ads)
        #expect(result.placements.map(\.candidate) == reference.map(\.candidate))
        for (placement, literal) in zip(result.placements, reference) {
            let ad = ads[placement.candidate]
            #expect(placement.price <= ad.bid.amount)
            #expect(placement.price.units <= ad.bid.amount.units * ad.share)
            #expect(abs(placement.price.units - literal.price) <= 1e-6)
        }
        let all = result.placements.map(\.candidate) + result.outbid + result.belowReserve
        #expect(all.sorted() == Array(ads.indices))
        // What a place brings is never more than what the place above it brings, per showing.
        let brought = result.placements.map { placement in
            let ad = ads[placement.candidate]
            let paid = ad.bid.payment == .conversion ? ad.click * ad.conversion : ad.click
            return placement.price.units * paid
        }
        for (above, below) in zip(brought, brought.dropFirst()) { #expect(above >= below - 1e-6) }
    }

    /// With one place nobody gains by bidding something else than what a click is worth to them.
    @Test(arguments: 1...200) func biddingOnesValueIsBestWithOnePlace(seed: Int) throws {
        var draws = Draws(UInt64(seed))
        let others = try draws.candidates(5)
        let auction = try Auction(reserve: draws.next() * 20)
        let (value, click) = (0.05 + draws.next() * 3, 0.01 + draws.next() * 0.3)
        func gain(_ bid: Double) throws -> Double {
            let ad = try AdCandidate(
                "own",
                campaign: "own",
                bid: Bid(.click, Money(bid)),
                click: click
            )
            let won = auction.sell(to: others + [ad]).placements.first
            guard let won, won.candidate == others.count else { return 0 }
            return click * (value - won.price.units)
        }
        let honest = try gain(value)
        #expect(honest >= 0)
        for _ in 0..<30 {
            // Prices are whole millionths, and so are bids.
            #expect(try gain(max(value * 2 * draws.next(), 1e-6)) <= honest + 2e-6)
        }
    }

    /// What the two tests above look for is found where prices are the bids.
    @Test func firstPricesAreFoundOut() throws {
        let (value, click, other) = (1.0, 0.1, 0.05)
        func gain(_ bid: Double) -> Double { bid * click > other ? click * (value - bid) : 0 }
        #expect(gain(0.6) > gain(value) + 2e-6)
    }

    private static func literal(
        _ auction: Auction,
        _ ads: [AdCandidate]
    ) -> [(candidate: Int, price: Double)] {
        func score(_ ad: AdCandidate) -> Double {
            switch ad.bid.payment {
            case .click: ad.share * ad.bid.amount.units * ad.click
            default: ad.share * ad.bid.amount.units * ad.click * ad.conversion
            }
        }
        var left = ads.indices.filter { score(ads[$0]) * 1000 >= auction.reserve }
        var placed: [(candidate: Int, price: Double)] = []
        while placed.count < auction.places,
            let best = left.max(by: { score(ads[$0]) < score(ads[$1]) })
        {
            left.removeAll { $0 == best }
            let ad = ads[best]
            let threshold = max(left.map { score(ads[$0]) }.max() ?? 0, auction.reserve / 1000)
            let charged = ad.bid.payment == .conversion ? ad.click * ad.conversion : ad.click
            placed.append((best, threshold / charged))
        }
        return placed
    }

    @Test func numbersOutOfRangeAreSentences() throws {
        let bid = try Bid(.click, Money(1))
        func sentence(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return ""
        }
        #expect(
            sentence { _ = try Bid(.click, .zero) }
                == "bid: the amount is out of range; expected more than 0; received 0.0."
        )
        #expect(
            sentence { _ = try AdCandidate("a", campaign: "c", bid: bid, click: 1.5) }
                == "ad \"a\": 'click' is out of range; expected a probability from 0 to 1; received 1.5."
        )
        #expect(
            sentence {
                _ = try AdCandidate("a", campaign: "c", bid: bid, click: 0.5, conversion: .nan)
            }
                == "ad \"a\": 'conversion' is out of range; expected a probability from 0 to 1; received nan."
        )
        #expect(
            sentence { _ = try AdCandidate("a", campaign: "c", bid: bid, click: 0.5, share: 0) }
                == "ad \"a\": 'share' is out of range; expected more than 0 and at most 1; received 0.0."
        )
        #expect(
            sentence { _ = try Auction(places: 0) }
                == "auction: 'places' is out of range; expected at least 1; received 0."
        )
        #expect(
            sentence { _ = try Auction(reserve: -.infinity) }
                == "auction: 'reserve' is out of range; expected a finite number of at least 0; received -inf."
        )
    }
}
