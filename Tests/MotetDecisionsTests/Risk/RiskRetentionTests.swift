import Foundation
import Testing

@testable import MotetDecisions

@Suite("risk ledger: what is kept, and for how long") struct RiskRetentionTests {
    private static func decide(_ ledger: RiskLedger, _ order: RiskOrder) throws {
        _ = try ledger.decide(order, fingerprint: order.id.low) { _ in Array("\(order.id.low)".utf8)
        }
    }

    /// Every tenth of a second an order, of which ten seconds are remembered.
    private static func options() -> RiskLedger.Options {
        var options = RiskLedger.Options()
        (options.window, options.survivesPower) = (10_000, false)
        return options
    }

    @Test(arguments: [false, true])
    func whatIsOutOfTheWindowIsNeitherAnsweredNorOnTheDisk(_ hasFolder: Bool) throws {
        let folder = RiskFolder()
        let made = MadeOrders(2_000, seed: 11).orders
        do {
            let ledger = try RiskLedger(
                folder: hasFolder ? folder.path : nil,
                options: Self.options()
            )
            for order in made { try Self.decide(ledger, order) }
            // A late order may hold up those behind it, for as long as it is late.
            #expect((96...106).contains(ledger.orders))
            for order in made.prefix(1_890) {
                #expect(try ledger.answer(to: order.id, fingerprint: order.id.low) == nil)
            }
            for order in made.suffix(95) {
                let answer = try ledger.answer(to: order.id, fingerprint: order.id.low)
                #expect(answer == .repeated(Array("\(order.id.low)".utf8)))
            }
        }
        guard hasFolder else { return }
        // Files of a quarter of the window: those within it, and one that reaches out of it.
        #expect((4...7).contains(folder.files.count), "\(folder.files)")
        // One that remembers for longer finds no more than those.
        let all = try RiskLedger(folder: folder.path)
        #expect((100...140).contains(all.orders), "\(all.orders)")
        for order in made.suffix(100) {
            #expect(try all.answer(to: order.id, fingerprint: order.id.low) != nil)
        }
    }

    @Test func aLedgerThatIsOpenedAgainForgetsAsOneThatWasNot() throws {
        let folder = RiskFolder()
        let made = MadeOrders(1_000, seed: 12).orders
        let whole = try RiskLedger(folder: nil, options: Self.options())
        for part in stride(from: 0, to: 1_000, by: 50) {
            let ledger = try RiskLedger(folder: folder.path, options: Self.options())
            for order in made[part..<(part + 50)] {
                try Self.decide(ledger, order)
                try Self.decide(whole, order)
            }
            #expect(ledger.orders == whole.orders)
            for order in made[..<(part + 50)] {
                let kept = try ledger.answer(to: order.id, fingerprint: order.id.low)
                #expect(try kept == whole.answer(to: order.id, fingerprint: order.id.low))
            }
        }
        #expect((4...7).contains(folder.files.count), "\(folder.files)")
    }

    @Test func anOrderThatChangedIsAConflictAsLongAsItIsCounted() throws {
        let folder = RiskFolder()
        var options = RiskLedger.Options()
        (options.answers, options.survivesPower) = (5, false)
        let made = MadeOrders(60, seed: 13).orders
        func check(_ ledger: RiskLedger) throws {
            let id = made[0].id
            #expect(try ledger.answer(to: id, fingerprint: 999) == .conflict)
            #expect(try ledger.decide(made[0], fingerprint: 999) { _ in [] } == .conflict)
            // The same one is decided again, for its answer is forgotten, and counts once.
            #expect(try ledger.answer(to: id, fingerprint: id.low) == nil)
        }
        do {
            let ledger = try RiskLedger(folder: folder.path, options: options)
            for order in made { try Self.decide(ledger, order) }
            try check(ledger)
        }
        let ledger = try RiskLedger(folder: folder.path, options: options)
        try check(ledger)
        try Self.decide(ledger, made[0])
        #expect(ledger.orders == 60)
        // It is among the newest answers now, as often as it was decided.
        for order in made[1..<5] { try Self.decide(ledger, order) }
        #expect(try ledger.answer(to: made[0].id, fingerprint: 0) != nil)
        try Self.decide(ledger, made[5])
        #expect(try ledger.answer(to: made[0].id, fingerprint: 0) == nil)
    }
}
