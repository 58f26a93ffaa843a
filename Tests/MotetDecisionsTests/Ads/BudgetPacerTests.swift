import Foundation
import MotetDecisions
import Testing

/// A day of auctions, replayed: how much traffic there is each hour, and what others bid.
struct ReplayedDay {
    /// Visits an hour: few at night, most in the evening.
    static let traffic: [Double] = [
        20, 12, 8, 6, 8, 15, 35, 60, 80, 90, 95, 100, 110, 105, 95, 95, 105, 120, 150, 180, 190,
        150, 90, 45,
    ]

    var budget = Money(600)
    var bid = Money(0.8)
    /// By how much others bid more in the second half of the day.
    var rise = 1.0

    /// Spends the day: what was spent, and the greatest distance from the plan, in parts of the budget.
    func spend(
        _ pacer: BudgetPacer?,
        _ plan: SpendPlan,
        seed: UInt64
    ) throws -> (spent: Double, distance: Double, most: Double) {
        var (draws, pacer) = (Draws(seed), pacer)
        let ledger = try SpendLedger(budgets: ["own": budget])
        let auction = try Auction(reserve: 5)
        let intervals = 1440
        var (distance, most, visit) = (0.0, 0.0, 0)
        for interval in 0..<intervals {
            let (now, next) = (Double(interval) / 1440, Double(interval + 1) / 1440)
            // From 2 visits a minute at night to 60 in the evening.
            let visits = Int(
                Self.traffic[interval / 60] / 3 * (0.6 + 0.8 * draws.next()) + draws.next()
            )
            for _ in 0..<visits {
                visit += 1
                let other = exp(0.6 * (draws.next() + draws.next() + draws.next() - 1.5) * 2) * 0.25
                let ads = [
                    try AdCandidate(
                        "other",
                        campaign: "other",
                        bid: Bid(.click, Money(now < 0.5 ? other : other * rise)),
                        click: 0.1
                    ),
                    try AdCandidate(
                        "own",
                        campaign: "own",
                        bid: Bid(.click, bid),
                        click: 0.08 + draws.next() * 0.04,
                        share: pacer?.share ?? 1
                    ),
                ]
                let clicked = draws.next() < 0.1
                let open = ledger.isOpen("own") ? ads : [ads[0]]
                guard let won = auction.sell(to: open).placements.first, won.candidate == 1, clicked
                else { continue }
                most = max(most, won.price.units)
                _ = try ledger.charge("click\(visit)", to: "own", won.price)
            }
            let spent = try #require(ledger.spent("own"))
            distance = max(distance, abs(spent.units / budget.units - plan.share(at: next)))
            pacer?.update(spent: spent, at: next, next: Double(interval + 2) / 1440)
        }
        return (try #require(ledger.spent("own")).units, distance, most)
    }
}

@Suite("Pacing of budgets") struct BudgetPacerTests {
    static func plan(_ isEven: Bool) throws -> SpendPlan {
        isEven ? .even : try SpendPlan(followingTraffic: ReplayedDay.traffic)
    }

    @Test(arguments: [1.0, 1.6], [true, false])
    func aDayIsSpentAsPlanned(rise: Double, isEven: Bool) throws {
        for seed: UInt64 in 1...3 {
            var day = ReplayedDay()
            day.rise = rise
            // At night the whole traffic brings less than an even plan of the greater budget asks for.
            if isEven { day.budget = Money(100) }
            let plan = try Self.plan(isEven)
            let pacer = try BudgetPacer(budget: day.budget, plan: plan)
            let (spent, distance, most) = try day.spend(pacer, plan, seed: seed)
            #expect(abs(spent / day.budget.units - 1) < 0.05)
            #expect(distance < 0.05)
            #expect(spent <= day.budget.units + most)
        }
    }

    /// What the test above looks for is found without a pacer: the budget is gone long before the evening.
    @Test func withoutAPacerTheDayIsNotSpentAsPlanned() throws {
        let plan = try Self.plan(false)
        let (spent, distance, most) = try ReplayedDay().spend(nil, plan, seed: 1)
        #expect(distance > 0.2)
        #expect(spent <= ReplayedDay().budget.units + most)
    }

    /// Where a whole day's traffic brings less than the budget, the campaign takes part with its whole bid.
    @Test func aBudgetThatCannotBeSpentLeavesTheBidAlone() throws {
        var pacer = try BudgetPacer(budget: Money(1e6))
        for interval in 1..<100 {
            pacer.update(
                spent: Money(Double(interval)),
                at: Double(interval) / 100,
                next: Double(interval + 1) / 100
            )
            if interval > 2 { #expect(pacer.share == 1) }
        }
    }

    @Test func aCampaignThatSpentNothingComesBack() throws {
        var pacer = try BudgetPacer(budget: Money(100), share: 0.01)
        for interval in 1..<60 {
            pacer.update(spent: .zero, at: Double(interval) / 100, next: Double(interval + 1) / 100)
        }
        #expect(pacer.share == 1)
    }

    @Test func updatesThatAreNotLaterChangeNothing() throws {
        var pacer = try BudgetPacer(budget: Money(100), share: 1)
        pacer.update(spent: Money(50), at: 0.1, next: 0.2)
        let before = pacer
        pacer.update(spent: Money(90), at: 0.1, next: 0.2)
        pacer.update(spent: Money(90), at: 0.05, next: 0.2)
        pacer.update(spent: Money(90), at: .nan, next: 0.2)
        #expect(pacer == before && pacer.share < 1)
    }

    /// The rule by hand.
    ///
    /// 10 of 100 are due in the first tenth, 20 were spent; 80 are left for nine tenths, so that 80 / 9 are due next
    /// where 20 are expected. A memory of a tenth fades what was by 1 / e.
    @Test func anotherAimKeepsWhatWasLearnt() throws {
        let plan = try Self.plan(false)
        let one = try BudgetPacer(budget: Money(100), plan: plan, share: 0.5)
        let other = try BudgetPacer(budget: Money(40), share: 0.5)
        var changed = other
        changed.aim(at: Money(100), plan)
        #expect(changed == one)
        // Twice the budget from a moment on is twice what is left and more: the share rises, and by what was learnt.
        var (steady, raised) = (one, one)
        for step in 1..<20 {
            let (now, next) = (Double(step) / 40, Double(step + 1) / 40)
            let spent = Money(100 * plan.share(at: now))
            steady.update(spent: spent, at: now, next: next)
            raised.update(spent: spent, at: now, next: next)
        }
        let before = raised.share
        #expect(before == steady.share)
        raised.aim(at: Money(200), plan)
        #expect(raised.share == before)
        raised.update(spent: Money(100 * plan.share(at: 0.5)), at: 0.5, next: 0.525)
        steady.update(spent: Money(100 * plan.share(at: 0.5)), at: 0.5, next: 0.525)
        #expect(raised.share > 1.2 * steady.share)
    }

    @Test func aStepIsTheRatioOfTargetToExpectationToItsGain() throws {
        var pacer = try BudgetPacer(budget: Money(100), share: 1, gain: 0.5, memory: 0.1)
        pacer.update(spent: Money(20), at: 0.1, next: 0.2)
        let first = pow(80.0 / 9 / 20, 0.5)
        #expect(abs(pacer.share - first) < 1e-12)
        pacer.update(spent: Money(28), at: 0.2, next: 0.3)
        let rate = (20 * exp(-1.0) + 8 / first) / (0.1 * exp(-1.0) + 0.1)
        #expect(abs(pacer.share - first * pow(72.0 / 8 / (first * rate * 0.1), 0.5)) < 1e-12)
    }

    @Test func plansAreLinesBetweenTheirParts() throws {
        let plan = try SpendPlan(followingTraffic: [1, 3])
        #expect(
            [0, 0.25, 0.5, 0.75, 1, 2, -1].map(plan.share) == [0, 0.125, 0.25, 0.625, 1, 1, 0]
        )
        #expect([0, 0.3, 1].map(SpendPlan.even.share) == [0, 0.3, 1])
    }

    @Test func numbersOutOfRangeAreSentences() throws {
        func sentence(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return ""
        }
        #expect(
            sentence { _ = try SpendPlan(followingTraffic: [0, 0]) }
                == "plan: the traffic is out of range; expected finite numbers of at least 0, one of them above; received [0.0, 0.0]."
        )
        #expect(
            sentence { _ = try BudgetPacer(budget: .zero) }
                == "pacer: the budget is out of range; expected more than 0; received 0.0."
        )
        #expect(
            sentence { _ = try BudgetPacer(budget: Money(1), share: 2) }
                == "pacer: 'share' is out of range; expected more than 0 and at most 1; received 2.0."
        )
        #expect(
            sentence { _ = try BudgetPacer(budget: Money(1), gain: 0) }
                == "pacer: 'gain' is out of range; expected more than 0 and at most 1; received 0.0."
        )
        #expect(
            sentence { _ = try BudgetPacer(budget: Money(1), memory: .nan) }
                == "pacer: 'memory' is out of range; expected more than 0 and at most 1; received nan."
        )
    }
}
