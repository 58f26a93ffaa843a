import Foundation
import MotetCore
import MotetDecisions
import MotetLedger
import Testing

@Suite("Pacing by the ledger") struct LedgerPacingTests {
    /// A day of visits, few at night and most in the evening; clicks come some minutes after the showing.
    private struct Day {
        static let midnight: Int64 = 19_700 * 86_400_000
        var random: RandomKeyGenerator
        var greatestError = 0.0

        /// Visits of a minute.
        static func visits(_ minute: Int) -> Int {
            let evening = Double(minute) / 1440 - 0.8
            return 4 + Int(56 * exp(-evening * evening / 0.05))
        }

        /// Replays the day against others' bids; the ledger is closed and opened again at some minutes.
        mutating func run(
            _ place: LedgerPlace,
            plan: SpendPlan,
            budget: Double,
            restarts: Set<Int>,
            paced: Bool = true
        ) async throws -> Double {
            func open(_ minute: Int) throws -> AdLedger {
                try place.ledger(at: Self.midnight + Int64(minute) * 60_000) {
                    $0.pacingGain = paced ? 0.5 : 0
                    $0.firstShare = 0.3
                }
            }
            var ledger = try open(0)
            var clicks: [(minute: Int, sale: String)] = []
            var spent = 0.0
            for minute in 0..<1440 {
                if restarts.contains(minute) {
                    try await ledger.close()
                    ledger = try open(minute)
                }
                let time = Self.midnight + Int64(minute) * 60_000
                for visit in 0..<Self.visits(minute) {
                    let id = "\(minute)-\(visit)"
                    let click = 0.05 + 0.2 * random.nextUniform()
                    let rival = 0.02 + 0.25 * random.nextUniform()
                    let sale = AdSale(
                        id,
                        user: nil,
                        offers: try [
                            LedgerPlace.offer("own", click: click, budget: budget, plan: plan),
                            LedgerPlace.offer(
                                "rival",
                                campaign: "rival",
                                click: rival,
                                budget: 1e9
                            ),
                        ],
                        auction: try Auction(reserve: 1)
                    )
                    let sold = try await ledger.sell(sale, at: time)
                    guard sold.sold.first?.ad == "own", random.nextUniform() < click else {
                        continue
                    }
                    clicks.append((minute + Int(6 * random.nextUniform()), id))
                }
                let due = clicks.filter { $0.minute <= minute }
                clicks.removeAll { $0.minute <= minute }
                let events = due.map { AdEvent(.click, of: "own", in: $0.sale) }
                for charge in try await ledger.charge(events, at: time) {
                    spent += charge.amount.units
                }
                let planned = budget * plan.share(at: Double(minute + 1) / 1440)
                greatestError = max(greatestError, abs(spent - planned) / budget)
            }
            #expect(spent <= budget + 1)
            try await ledger.close()
            return spent / budget
        }
    }

    @Test(arguments: [UInt64(1), 2])
    func spendingFollowsThePlanWithinFivePercent(seed: UInt64) async throws {
        let visits = (0..<24).map { hour in
            Double((0..<60).reduce(0) { $0 + Day.visits(60 * hour + $1) })
        }
        for plan in [SpendPlan.even, try SpendPlan(followingTraffic: visits)] {
            var day = Day(random: RandomKey(seed: seed).generator())
            let spent = try await day.run(
                try LedgerPlace(),
                plan: plan,
                budget: 250,
                restarts: [500, 1100]
            )
            print("pacing: spent \(spent), greatest distance \(day.greatestError)")
            #expect(day.greatestError < 0.05)
            #expect(spent > 0.97)
        }
    }

    @Test func withoutAPacerTheMoneyIsGoneEarly() async throws {
        var day = Day(random: RandomKey(seed: 1).generator())
        let spent = try await day.run(
            try LedgerPlace(),
            plan: .even,
            budget: 250,
            restarts: [],
            paced: false
        )
        #expect(spent >= 1)
        #expect(day.greatestError > 0.15)
    }

    /// Sells every minute with a click a sale; the shares the campaign took part with.
    private static func shares(
        _ ledger: AdLedger,
        from minute: Int,
        budget: (Int) -> Double
    ) async throws -> [Double] {
        var shares: [Double] = []
        for minute in minute..<minute + 60 {
            let time = Day.midnight + Int64(minute) * 60_000
            let sale = AdSale(
                "\(minute)",
                user: nil,
                offers: [try LedgerPlace.offer("own", budget: budget(minute))],
                auction: try Auction(reserve: 1)
            )
            shares.append(try await ledger.sell(sale, at: time).shares[0])
            _ = try await ledger.charge([AdEvent(.click, of: "own", in: "\(minute)")], at: time)
        }
        return shares
    }

    @Test func aBudgetThatChangesEachTimeIsPacedAsOneThatStays() async throws {
        func run(_ budget: (Int) -> Double) async throws -> [Double] {
            let ledger = try LedgerPlace().ledger(at: Day.midnight) { $0.pacingGain = 0.5 }
            let shares = try await Self.shares(ledger, from: 0, budget: budget)
            try await ledger.close()
            return shares
        }
        let steady = try await run { _ in 1 }
        let changing = try await run { $0.isMultiple(of: 2) ? 1 : 1.000001 }
        #expect(Set(steady).count > 10, "nothing was paced")
        for (one, other) in zip(steady, changing) { #expect(abs(one / other - 1) < 1e-4) }
    }

    @Test func aDayBeginsWithTheShareOfTheLastAlsoAfterARestart() async throws {
        let place = try LedgerPlace()
        func open(_ time: Int64) throws -> AdLedger {
            try place.ledger(at: time) { $0.pacingGain = 0.5 }
        }
        let ledger = try open(Day.midnight)
        let last = try await Self.shares(ledger, from: 1380, budget: { _ in 1 }).last
        #expect(last != AdLedgerOptions().firstShare)
        try await ledger.close()
        let next = try open(Day.midnight + 1440 * 60_000)
        let first = try await Self.shares(next, from: 1440, budget: { _ in 1 }).first
        #expect(first == last)
        try await next.close()
    }
}
