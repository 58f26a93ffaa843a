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
}
