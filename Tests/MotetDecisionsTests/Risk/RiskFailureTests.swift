import Foundation
import Synchronization
import Testing

@testable import MotetDecisions

@Suite("risk ledger: disks that fail") struct RiskFailureTests {
    private static func decide(_ ledger: RiskLedger, _ order: RiskOrder) throws {
        _ = try ledger.decide(order, fingerprint: order.id.low) { _ in Array("\(order.id.low)".utf8)
        }
    }

    /// A ledger whose files have a thousand orders each.
    private static func options() -> RiskLedger.Options {
        var options = RiskLedger.Options()
        (options.orders, options.survivesPower) = (4_000, false)
        return options
    }

    /// Orders are refused while the disk is full, and nothing is left of them; with room all goes on, and is there after a restart.
    ///
    /// The room is for none of a file's first bytes, a piece of them, or all of them and no record.
    @Test(arguments: [0, 5, 8])
    func aFileThatCannotBeBegunIsBegunLater(_ room: Int) throws {
        let folder = RiskFolder()
        let made = MadeOrders(1_010, seed: 14).orders
        let (isFull, left) = (Shared(false), Shared(0))
        do {
            let ledger = try RiskLedger(folder: folder.path, options: Self.options()) {
                file,
                bytes in
                guard isFull.value.withLock({ $0 }) else {
                    return write(file, bytes.baseAddress, bytes.count)
                }
                let count = left.value.withLock { left in
                    let count = min(left, bytes.count)
                    left -= count
                    return count
                }
                guard count > 0 else {
                    errno = ENOSPC
                    return -1
                }
                return write(file, bytes.baseAddress, count)
            }
            for order in made.prefix(1_000) { try Self.decide(ledger, order) }
            isFull.value.withLock { $0 = true }
            for order in made[1_000..<1_004] {
                left.value.withLock { $0 = room }
                let error = #expect(throws: DecisionError.self) { try Self.decide(ledger, order) }
                #expect(error?.code == .riskStore)
                #expect(error?.description.contains("No space") == true)
            }
            #expect(folder.files.count == (room < 8 ? 1 : 2), "\(folder.files)")
            #expect(ledger.orders == 1_000)
            isFull.value.withLock { $0 = false }
            for order in made[1_000...] { try Self.decide(ledger, order) }
            #expect(folder.files.count == 2, "\(folder.files)")
        }
        let ledger = try RiskLedger(folder: folder.path, options: Self.options())
        #expect(ledger.orders == 1_010)
        for order in made {
            #expect(try ledger.answer(to: order.id, fingerprint: order.id.low) != nil)
        }
    }

    @Test func filesWithoutARecordInTheMiddleAreRemoved() throws {
        let folder = RiskFolder()
        let made = MadeOrders(20, seed: 15).orders
        do {
            let ledger = try RiskLedger(folder: folder.path, options: Self.options())
            for order in made.prefix(10) { try Self.decide(ledger, order) }
        }
        let names = ["orders-00000002.log", "orders-00000003.log", "orders-00000004.log"]
        for (name, text) in zip(names, ["MOTR", "MOTRISK1", ""]) {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/" + name))
        }
        do {
            let ledger = try RiskLedger(folder: folder.path, options: Self.options())
            #expect(ledger.orders == 10)
            #expect(folder.files == ["orders-00000001.log", "orders-00000004.log"])
            for order in made.suffix(10) { try Self.decide(ledger, order) }
        }
        #expect(try RiskLedger(folder: folder.path).orders == 20)
    }

    @Test func aClosedLedgerBeginsNoFile() throws {
        let folder = RiskFolder()
        let made = MadeOrders(1_001, seed: 16).orders
        let ledger = try RiskLedger(folder: folder.path, options: Self.options())
        for order in made.prefix(1_000) { try Self.decide(ledger, order) }
        ledger.close()
        #expect(throws: DecisionError.self) { try Self.decide(ledger, made[1_000]) }
        #expect(folder.files == ["orders-00000001.log"])
    }

    /// What did not come to the disk is answered neither at once nor when it comes again, even where a second try would succeed.
    @Test func whatIsNotOnTheDiskIsNotAnswered() throws {
        let folder = RiskFolder()
        let made = MadeOrders(3, seed: 17).orders
        let failures = Shared(0)
        do {
            let ledger = try RiskLedger(
                folder: folder.path,
                options: RiskLedger.Options(),
                synchronize: { file in
                    let fails = failures.value.withLock { left in
                        defer { left = max(0, left - 1) }
                        return left > 0
                    }
                    guard fails else { return RiskJournal.synchronize(file) }
                    errno = EIO
                    return false
                },
                write: { write($0, $1.baseAddress, $1.count) }
            )
            try Self.decide(ledger, made[0])
            failures.value.withLock { $0 = 1 }
            for _ in 0..<2 {
                let error = #expect(throws: DecisionError.self) { try Self.decide(ledger, made[1]) }
                #expect(error?.code == .riskUnsure)
            }
            let error = #expect(throws: DecisionError.self) {
                _ = try ledger.answer(to: made[1].id, fingerprint: made[1].id.low)
            }
            #expect(error?.code == .riskUnsure)
            #expect(error?.description.contains("an earlier failure") == true)
            // What came there before is answered, and nothing else is decided.
            #expect(try ledger.answer(to: made[0].id, fingerprint: made[0].id.low) != nil)
            let other = #expect(throws: DecisionError.self) { try Self.decide(ledger, made[2]) }
            #expect(other?.code == .riskStore)
        }
        let ledger = try RiskLedger(folder: folder.path)
        #expect(
            try ledger.answer(to: made[1].id, fingerprint: made[1].id.low)
                == .repeated(Array("\(made[1].id.low)".utf8))
        )
        #expect(try ledger.answer(to: made[2].id, fingerprint: made[2].id.low) == nil)
    }

    /// A process that ended may have written what never came to the disk.
    @Test(arguments: [true, false])
    func whatWasReadIsBroughtToTheDiskBeforeItIsAnswered(_ survivesPower: Bool) throws {
        let folder = RiskFolder()
        let made = MadeOrders(5, seed: 18).orders
        var options = Self.options()
        do {
            let ledger = try RiskLedger(folder: folder.path, options: options)
            for order in made { try Self.decide(ledger, order) }
        }
        options.survivesPower = survivesPower
        let calls = Shared(0)
        let ledger = try RiskLedger(
            folder: folder.path,
            options: options,
            synchronize: { file in
                calls.value.withLock { $0 += 1 }
                return RiskJournal.synchronize(file)
            },
            write: { write($0, $1.baseAddress, $1.count) }
        )
        for order in made {
            #expect(try ledger.answer(to: order.id, fingerprint: order.id.low) != nil)
        }
        #expect(calls.value.withLock { $0 } == (survivesPower ? 1 : 0))
    }
}
