import MotetDecisions
import Testing

@Suite("A ledger of campaigns") struct SpendLedgerTests {
    @Test func aChargeCountsOnce() throws {
        let ledger = try SpendLedger(budgets: ["c": Money(10)])
        #expect(try ledger.charge("e1", to: "c", Money(3)) == .charged(Money(3)))
        #expect(try ledger.charge("e1", to: "c", Money(3)) == .repeated(Money(3)))
        // Whatever is said the second time.
        #expect(try ledger.charge("e1", to: "c", Money(5)) == .repeated(Money(3)))
        #expect(ledger.spent("c") == Money(3))
    }

    @Test func theChargeThatReachesTheBudgetIsTheLast() throws {
        let ledger = try SpendLedger(budgets: ["c": Money(1)])
        #expect(try ledger.charge("e1", to: "c", Money(0.7)) == .charged(Money(0.7)))
        #expect(ledger.isOpen("c"))
        #expect(try ledger.charge("e2", to: "c", Money(0.7)) == .charged(Money(0.7)))
        #expect(!ledger.isOpen("c"))
        #expect(try ledger.charge("e3", to: "c", Money(0.7)) == .exhausted)
        #expect(try ledger.charge("e3", to: "c", Money(0.7)) == .repeated(.zero))
        #expect(ledger.spent("c") == Money(1.4))
    }

    /// Eight threads send the same charges, each in its own order.
    @Test func noChargeCountsTwiceFromManyThreads() async throws {
        let ledger = try SpendLedger(budgets: ["a": Money(1e6), "b": Money(7)])
        let charges = (0..<4_000).map { number in
            (
                id: "e\(number)", campaign: number % 2 == 0 ? "a" : "b",
                price: Money(micros: Int64(10_000 + number))
            )
        }
        let counted = try await withThrowingTaskGroup(of: Int64.self) { group in
            for caller in 0..<8 {
                group.addTask {
                    var sum: Int64 = 0
                    for step in charges.indices {
                        let charge = charges[(step * 7 + caller * 499) % charges.count]
                        let outcome = try ledger.charge(
                            charge.id,
                            to: charge.campaign,
                            charge.price
                        )
                        if case .charged(let amount) = outcome { sum += amount.micros }
                    }
                    return sum
                }
            }
            return try await group.reduce(0, +)
        }
        let a = charges.filter { $0.campaign == "a" }.reduce(0) { $0 + $1.price.micros }
        #expect(ledger.spent("a")?.micros == a)
        let b = try #require(ledger.spent("b"))
        #expect(counted == a + b.micros)
        let most = try #require(charges.map(\.price).max())
        #expect(b >= Money(7) && b < Money(7) + most)
    }

    @Test func mistakesChargeNothing() throws {
        let ledger = try SpendLedger(budgets: ["c": Money(1)])
        let unknown = #expect(throws: DecisionError.self) {
            _ = try ledger.charge("e1", to: "d", Money(1))
        }
        #expect(
            unknown?.description
                == "charge \"e1\": there is no campaign \"d\"; expected one with a budget; received one without."
        )
        let negative = #expect(throws: DecisionError.self) {
            _ = try ledger.charge("e1", to: "c", Money(-1))
        }
        #expect(
            negative?.description
                == "charge \"e1\": the price is out of range; expected at least 0; received -1.0."
        )
        let budget = #expect(throws: DecisionError.self) {
            _ = try SpendLedger(budgets: ["c": Money(-2)])
        }
        #expect(
            budget?.description
                == "campaign \"c\": the budget is out of range; expected at least 0; received -2.0."
        )
        #expect(try ledger.charge("e1", to: "c", Money(1)) == .charged(Money(1)))
        #expect(!ledger.isOpen("d") && ledger.spent("d") == nil)
    }
}
