import Foundation
import MotetDecisions
import MotetLedger
import MotetTestSupport
import Testing

@Suite("Ledger of ads") struct AdLedgerTests {
    private static let noon = LedgerPlace.noon
    private static let day: Int64 = 86_400_000

    @Test func anAdIsChargedOnceAndForWhatItsBidPays() async throws {
        let place = try LedgerPlace()
        let ledger = try place.ledger()
        let sold = try await ledger.sell(LedgerPlace.sale("s1"))
        #expect(sold.sold.map(\.ad) == ["ad1"])
        #expect(sold.outcomes == [.shown, .outbid])
        // The other is worth 0.5 * 0.5 a showing: 0.5 a click.
        #expect(sold.sold.first?.price == Money(0.5))
        let charges = try await ledger.charge(
            [
                AdEvent(.conversion, of: "ad1", in: "s1"), AdEvent(.click, of: "ad1", in: "s1"),
                AdEvent(.click, of: "ad1", in: "s1"), AdEvent(.click, of: "ad2", in: "s1"),
                AdEvent(.click, of: "ad1", in: "s2"),
            ],
            at: Self.noon
        )
        #expect(charges.map(\.outcome) == [.free, .charged, .repeated, .unknown, .unknown])
        #expect(charges.map(\.amount) == [.zero, Money(0.5), Money(0.5), .zero, .zero])
        #expect(charges.map(\.campaign) == ["shoes", "shoes", "shoes", nil, nil])
        #expect(ledger.spent("shoes") == Money(0.5))

        let orders = AdSale(
            "s3",
            user: nil,
            offers: [
                try LedgerPlace.offer("order", .conversion, bid: 8),
                try LedgerPlace.offer("click", campaign: "hats", .optimizedClick, bid: 4),
            ],
            auction: try Auction(places: 2, reserve: 500)
        )
        #expect(
            try await ledger.sell(orders).sold.map(\.payment) == [.conversion, .optimizedClick]
        )
        let both = [AdEvent.Kind.click, .conversion].flatMap { kind in
            ["order", "click"].map { AdEvent(kind, of: $0, in: "s3") }
        }
        let outcomes = try await ledger.charge(both, at: Self.noon).map(\.outcome)
        #expect(outcomes == [.free, .charged, .charged, .free])
        try await ledger.close()
    }

    @Test func eightClientsAndReplaysSpendNoMoreThanTheBudgetAndOnePrice() async throws {
        let place = try LedgerPlace()
        let ledger = try place.ledger()
        let sales = 400
        for number in 0..<sales {
            let bid = 0.5 + Double(number % 7) / 10
            _ = try await ledger.sell(LedgerPlace.sale("s\(number)", bid: bid, budget: 40))
        }
        // Each client sends every click, in an order of its own, some twice.
        let charged = try await withThrowingTaskGroup(of: [AdCharge].self) { group in
            for client in 0..<8 {
                group.addTask {
                    var made: [AdCharge] = []
                    for step in 0..<sales {
                        let number = (step * (2 * client + 1) + 31 * client) % sales
                        let event = AdEvent(.click, of: "ad1", in: "s\(number)")
                        let events = step % 5 == 0 ? [event, event] : [event]
                        made += try await ledger.charge(events, at: Self.noon)
                    }
                    return made
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let amounts = charged.filter { $0.outcome == .charged }.map(\.amount)
        let total = amounts.reduce(Money.zero, +)
        let greatest = try #require(amounts.max())
        #expect(total >= Money(40), "the budget is spent")
        #expect(total < Money(40) + greatest)
        #expect(
            charged.count { $0.outcome == .charged } + charged.count { $0.outcome == .exhausted }
                == sales
        )
        #expect(ledger.spent("shoes") == total)
        #expect(
            try ledger.decide(LedgerPlace.sale("late", budget: 40), at: Self.noon).outcomes[0]
                == .spent
        )
        try await ledger.close()
        let again = try place.ledger()
        #expect(
            try again.decide(LedgerPlace.sale("later", budget: 40), at: Self.noon).outcomes[0]
                == .spent
        )
        #expect(again.spent("shoes") == total)
        let replay = try await again.charge([AdEvent(.click, of: "ad1", in: "s0")], at: Self.noon)
        #expect(replay.map(\.outcome) == [.repeated])
        try await again.close()
    }

    @Test func theSameSaleIsAnsweredAsTheFirstTime() async throws {
        let place = try LedgerPlace()
        let ledger = try place.ledger()
        let cap = FrequencyCap(maximum: 2, milliseconds: 3_600_000)
        let decisions = try await withThrowingTaskGroup(of: SaleDecision.self) { group in
            for client in 0..<8 {
                group.addTask {
                    // Each would bring another price.
                    try await ledger.sell(
                        LedgerPlace.sale("same", user: "u", bid: 1 + Double(client), cap: cap)
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(decisions.count { !$0.isRepeated } == 1)
        let shown = decisions.filter { $0.sold.first?.ad == "ad1" }
        let first = try #require(decisions.first { !$0.isRepeated })
        #expect(decisions.allSatisfy { $0.sold == first.sold })
        // It counted once: there is one left, or two where the first sale was of the other campaign.
        for left in 0..<(shown.isEmpty ? 2 : 1) {
            let next = try await ledger.sell(LedgerPlace.sale("next\(left)", user: "u", cap: cap))
            #expect(next.outcomes.first == .shown)
        }
        let last = try await ledger.sell(LedgerPlace.sale("last", user: "u", cap: cap))
        #expect(last.outcomes.first == .capped)
        try await ledger.close()
    }

    @Test func noTwoSalesPassACapTogether() async throws {
        let place = try LedgerPlace()
        let ledger = try place.ledger()
        let cap = FrequencyCap(maximum: 3, milliseconds: 3_600_000)
        let shown = try await withThrowingTaskGroup(of: Int.self) { group in
            for client in 0..<8 {
                group.addTask {
                    var shown = 0
                    for number in 0..<10 {
                        let sale = try LedgerPlace.sale("\(client)-\(number)", user: "u", cap: cap)
                        if try await ledger.sell(sale).outcomes.first == .shown { shown += 1 }
                    }
                    return shown
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(shown == 3)
        // Others are not touched, nor is anybody after the time.
        func first(_ id: String, _ user: String?, at time: Int64) async throws -> OfferOutcome? {
            try await ledger.sell(LedgerPlace.sale(id, user: user, cap: cap), at: time).outcomes
                .first
        }
        #expect(try await first("o", "other", at: Self.noon) == .shown)
        #expect(try await first("n", nil, at: Self.noon) == .shown)
        #expect(try await first("p", "u", at: Self.noon + 3_599_999) == .capped)
        #expect(try await first("q", "u", at: Self.noon + 3_600_000) == .shown)
        try await ledger.close()

        let again = try place.ledger(at: Self.noon + 1000)
        let capped = try again.decide(
            LedgerPlace.sale("r", user: "u", cap: cap),
            at: Self.noon + 1000
        )
        #expect(capped.outcomes.first == .capped, "showings are there after a restart")
        try await again.forget(user: "u")
        let forgotten = try again.decide(LedgerPlace.sale("t", user: "u", cap: cap), at: Self.noon)
        #expect(forgotten.outcomes.first == .shown)
        try await again.close()
    }

    @Test func theBudgetOfASaleThatIsNotKeptIsTheOneThatCounts() async throws {
        let place = try LedgerPlace()
        let ledger = try place.ledger()
        // Nobody keeps a sale without an ad: its budget counts all the same.
        let unsold = AdSale(
            "none",
            user: nil,
            offers: [try LedgerPlace.offer("ad1", click: 0, budget: 100)],
            auction: try Auction()
        )
        #expect(try ledger.decide(unsold, at: Self.noon).sold.isEmpty)
        _ = try await ledger.sell(LedgerPlace.sale("a"))
        let first = try await ledger.charge([AdEvent(.click, of: "ad1", in: "a")], at: Self.noon)
        #expect(first.map(\.outcome) == [.charged])
        // The budget is that of the last decision, in whatever order sales are kept.
        let generous = try ledger.decide(LedgerPlace.sale("b", budget: 90), at: Self.noon)
        let close = try ledger.decide(LedgerPlace.sale("c", budget: 0.5), at: Self.noon)
        _ = try await ledger.keep(close)
        _ = try await ledger.keep(generous)
        let later = try await ledger.charge([AdEvent(.click, of: "ad1", in: "b")], at: Self.noon)
        #expect(later.map(\.outcome) == [.exhausted])
        #expect(
            ledger.figures(at: Self.noon).first { $0.campaign == "shoes" }?.budget == Money(0.5)
        )
        try await ledger.close()
    }

    @Test func aClockSetBackByLittleKeepsTheDay() async throws {
        let place = try LedgerPlace()
        let ledger = try place.ledger()
        let midnight = Self.noon + Self.day / 2
        _ = try await ledger.sell(LedgerPlace.sale("a", budget: 0.4), at: midnight - 1)
        _ = try await ledger.charge([AdEvent(.click, of: "ad1", in: "a")], at: midnight - 1)
        func outcome(_ id: String, at time: Int64) throws -> OfferOutcome? {
            try ledger.decide(LedgerPlace.sale(id, budget: 0.4), at: time).outcomes.first
        }
        #expect(try outcome("b", at: midnight - 1) == .spent)
        #expect(try outcome("c", at: midnight) == .shown)
        #expect(try outcome("d", at: midnight - 1) == .shown)
        #expect(ledger.spent("shoes", at: midnight - 1) == .zero)
        // A clock that was a day ahead by mistake comes back to its day.
        #expect(try outcome("e", at: midnight - 60_001) == .spent)
        try await ledger.close()
    }

    @Test func asManyAreSoldAsWereKept() async throws {
        let place = try LedgerPlace()
        let ledger = try place.ledger()
        let decisions = try (0..<3).map { _ in
            try ledger.decide(LedgerPlace.sale("same"), at: Self.noon)
        }
        for decision in decisions { _ = try await ledger.keep(decision) }
        let shoes = try #require(ledger.figures(at: Self.noon).first { $0.campaign == "shoes" })
        #expect(shoes.sold == 1)
        try await ledger.close()
    }

    @Test func aDayBeginsWithTheWholeBudget() async throws {
        let place = try LedgerPlace()
        let ledger = try place.ledger { $0.dayOffset = 3_600_000 }
        // The day begins an hour before that of UTC.
        let late = Self.noon + Self.day / 2 - 3_600_001
        _ = try await ledger.sell(LedgerPlace.sale("a", budget: 0.4), at: late)
        _ = try await ledger.sell(LedgerPlace.sale("b", budget: 0.4), at: late)
        let first = try await ledger.charge([AdEvent(.click, of: "ad1", in: "a")], at: late)
        #expect(first.map(\.outcome) == [.charged])
        let full = try await ledger.charge([AdEvent(.click, of: "ad1", in: "b")], at: late)
        #expect(full.map(\.outcome) == [.exhausted])
        _ = try await ledger.sell(LedgerPlace.sale("x", bid: 3, budget: 5), at: late)
        // The click of yesterday's ad is charged to the day it happened on, by yesterday's budget.
        let next = try await ledger.charge([AdEvent(.click, of: "ad1", in: "x")], at: late + 1)
        #expect(next.map(\.outcome) == [.charged])
        #expect(next.first?.amount == Money(1.5))
        let open = try ledger.decide(LedgerPlace.sale("c", budget: 1.6), at: late + 1)
        #expect(open.outcomes.first == .shown)
        #expect(ledger.spent("shoes", at: late + 1) == Money(1.5))
        let closed = try ledger.decide(LedgerPlace.sale("d", budget: 1.5), at: late + 1)
        #expect(closed.outcomes.first == .spent)
        try await ledger.close()
    }

    @Test func ofACampaignTheBestAdTakesPart() async throws {
        let place = try LedgerPlace()
        let ledger = try place.ledger()
        let sale = AdSale(
            "s",
            user: nil,
            offers: try [
                LedgerPlace.offer("weak", click: 0.1), LedgerPlace.offer("strong", click: 0.4),
                LedgerPlace.offer("middle", click: 0.2),
                LedgerPlace.offer("other", campaign: "hats", click: 0.05),
                LedgerPlace.offer("none", campaign: "gloves", click: 0),
            ],
            auction: try Auction(places: 2)
        )
        let sold = try await ledger.sell(sale)
        #expect(sold.outcomes == [.behindOwn, .shown, .behindOwn, .shown, .belowReserve])
        #expect(sold.sold.map(\.ad) == ["strong", "other"])
        // No ad of its own makes it dearer.
        #expect(sold.sold.first?.price == Money(0.125))
        try await ledger.close()
    }

    @Test func whatIsOldGoesAndCanNoLongerBeCharged() async throws {
        let place = try LedgerPlace()
        let ledger = try place.ledger { $0.keepDays = 2 }
        for number in 0..<1200 { _ = try await ledger.sell(LedgerPlace.sale("old\(number)")) }
        let later = Self.noon + 3 * Self.day
        _ = try await ledger.sell(LedgerPlace.sale("new"), at: later)
        // Calls behind the cleaning, which comes back for what is left.
        for _ in 0..<5 {
            _ = try await ledger.charge([], at: later)
        }
        let events = ["old0", "old1199", "new"].map { AdEvent(.click, of: "ad1", in: $0) }
        #expect(
            try await ledger.charge(events, at: later).map(\.outcome) == [
                .unknown, .unknown, .charged,
            ]
        )
        try await ledger.close()
    }

    @Test func aLedgerThatCannotBeUsedSaysWhy() async throws {
        let place = try LedgerPlace()
        let ledger = try place.ledger()
        let second = #expect(throws: LedgerError.self) { try place.ledger() }
        #expect(second?.description.contains("Another process has it open") == true)
        try await ledger.close()
        await #expect(throws: LedgerError.self) { try await ledger.charge([], at: Self.noon) }
        let file = place.folder.path + "/ledger/ads.sqlite"
        try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: file))
        let damaged = #expect(throws: LedgerError.self) { try place.ledger() }
        #expect(damaged?.description.contains("It is damaged") == true)
    }
}
