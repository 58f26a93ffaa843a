import Foundation
@testable import MotetDecisions
import Synchronization
import Testing

/// Orders made up, and counted the slow way.
struct MadeOrders {
    var orders: [RiskOrder] = []

    init(_ count: Int, seed: UInt64) {
        var draws = Draws(seed)
        for number in 0..<count {
            var tokens: [RiskDimension: UInt64] = [:]
            if draws.next() < 0.9 { tokens[.account] = 1_000 + UInt64(draws.next() * 12) }
            if draws.next() < 0.8 { tokens[.device] = 2_000 + UInt64(draws.next() * 6) }
            tokens[.ip] = 3_000 + UInt64(draws.next() * 3)
            orders.append(
                RiskOrder(
                    id: RiskIdentity(high: 7, low: UInt64(number)),
                    // A few come late.
                    time: 1_000_000 + Int64(number) * 100 - Int64(draws.next() * 400),
                    amount: (draws.next() * 100).rounded(),
                    tokens: tokens
                )
            )
        }
    }

    static func slow(
        _ known: ArraySlice<RiskOrder>,
        _ order: RiskOrder,
        _ dimension: RiskDimension,
        _ window: Int64
    ) -> RiskCounts? {
        guard let token = order.token(dimension) else { return nil }
        let all =
            known.filter {
                $0.token(dimension) == token && $0.time > order.time - window
                    && $0.time <= order.time && $0.id != order.id
            } + [order]
        return RiskCounts(
            orders: all.count,
            amount: all.reduce(0) { $0 + $1.amount },
            accounts: Set(all.compactMap { $0.token(.account) }).count
        )
    }
}

/// A value that threads share.
final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}

/// A folder that is removed at the end.
struct RiskFolder: ~Copyable {
    let path = NSTemporaryDirectory() + "motet-risk-\(UUID().uuidString)"

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The files with orders.
    var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
            .filter { $0.hasPrefix("orders-") }.sorted()
    }
}

@Suite("risk memory") struct RiskMemoryTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func countsAreThoseOfAllOrdersInTheWindow(_ seed: UInt64) {
        let made = MadeOrders(1_500, seed: seed).orders
        var memory = RiskMemory(capacity: 10_000, window: 1_000_000)
        for (index, order) in made.enumerated() {
            for dimension in RiskDimension.allCases {
                for window in [1, 450, 20_000] as [Int64] {
                    let counts = memory.counts(of: dimension, within: window, of: order)
                    #expect(counts == MadeOrders.slow(made[..<index], order, dimension, window))
                }
            }
            memory.add(order)
        }
        // With itself among those that are known it counts once.
        let last = made[made.count - 1]
        #expect(
            memory.counts(of: .ip, within: 450, of: last)
                == MadeOrders.slow(made[...], last, .ip, 450)
        )
    }

    @Test func theOldestGoWhereThereIsNoRoom() {
        let made = MadeOrders(5_000, seed: 4).orders
        var memory = RiskMemory(capacity: 300, window: 1_000_000_000)
        for order in made { memory.add(order) }
        #expect(memory.count == 300)
        #expect(!memory.contains(made[4_600].id) && memory.contains(made[4_700].id))
        let last = made[4_999]
        #expect(
            memory.counts(of: .device, within: 1_000_000, of: last)
                == MadeOrders.slow(made[4_700...], last, .device, 1_000_000)
        )
    }

    @Test func whatIsOutOfTheWindowIsForgotten() {
        let made = MadeOrders(5_000, seed: 5).orders
        var memory = RiskMemory(capacity: 100_000, window: 10_000)
        for order in made { memory.add(order) }
        // 100 ms apart, and up to 400 ms late.
        #expect((96...106).contains(memory.count))
    }

    @Test func oneValueIsCountedUpToALimit() {
        var memory = RiskMemory(capacity: 100_000, window: 1_000_000_000)
        func order(_ number: Int) -> RiskOrder {
            RiskOrder(
                id: RiskIdentity(high: 1, low: UInt64(number)),
                time: 1_000_000 + Int64(number),
                amount: 1,
                tokens: [.device: 5]
            )
        }
        for number in 0..<5_000 { memory.add(order(number)) }
        let counts = memory.counts(of: .device, within: 1_000_000, of: order(6_000))
        #expect(counts?.orders == RiskMemory.mostOfOne + 1)
    }
}

@Suite("risk ledger") struct RiskLedgerTests {
    private static func answer(_ memory: borrowing RiskMemory, _ order: RiskOrder) -> [UInt8] {
        Array("\(memory.counts(of: .ip, within: 5_000, of: order)?.orders ?? -1)".utf8)
    }

    private static func decide(_ ledger: RiskLedger, _ order: RiskOrder) throws -> [UInt8] {
        switch try ledger.decide(order, fingerprint: order.id.low, { answer($0, order) }) {
        case .decided(let answer), .repeated(let answer): answer
        case .conflict: []
        }
    }

    @Test func aRepeatedOrderGetsItsAnswerAndCountsOnce() throws {
        let ledger = try RiskLedger(folder: nil)
        let made = MadeOrders(50, seed: 1).orders
        let first = try made.map { try Self.decide(ledger, $0) }
        let again = try made.map { try Self.decide(ledger, $0) }
        #expect(first == again)
        #expect(ledger.orders == 50)
        #expect(
            try ledger.decide(made[3], fingerprint: 999) { _ in [] } == .conflict
        )
    }

    @Test(arguments: [true, false])
    func aLedgerThatIsOpenedAgainDecidesAsOneThatWasNot(_ survivesPower: Bool) throws {
        let folder = RiskFolder()
        var options = RiskLedger.Options()
        options.survivesPower = survivesPower
        let made = MadeOrders(400, seed: 2).orders
        let whole = try RiskLedger(folder: nil)
        let expected = try made.map { try Self.decide(whole, $0) }
        var answers: [[UInt8]] = []
        for part in stride(from: 0, to: 400, by: 80) {
            let ledger = try RiskLedger(folder: folder.path, options: options)
            #expect(ledger.orders == part)
            for order in made[part..<(part + 80)] { answers.append(try Self.decide(ledger, order)) }
        }
        #expect(answers == expected)
        let last = try RiskLedger(folder: folder.path, options: options)
        #expect(try made.map { try Self.decide(last, $0) } == expected)
    }

    @Test func anEndInTheMiddleOfAWriteLosesThatRecordAlone() throws {
        let folder = RiskFolder()
        let made = MadeOrders(20, seed: 3).orders
        do {
            let ledger = try RiskLedger(folder: folder.path)
            for order in made { _ = try Self.decide(ledger, order) }
        }
        let file = folder.path + "/" + folder.files[0]
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        // Every length from the whole last record to none of it.
        let record = 12 + 41 + 8 * RiskDimension.allCases.count + 1
        for cut in 1..<record {
            try bytes.dropLast(cut).write(to: URL(fileURLWithPath: file))
            do {
                let ledger = try RiskLedger(folder: folder.path)
                #expect(ledger.orders == 19, "\(cut) bytes less")
                #expect(try ledger.answer(to: made[19].id, fingerprint: 19) == nil)
                _ = try Self.decide(ledger, made[19])
            }
            #expect(try RiskLedger(folder: folder.path).orders == 20)
        }
    }

    @Test func bytesThatWereChangedAreAnError() throws {
        let folder = RiskFolder()
        let made = MadeOrders(20, seed: 3).orders
        do {
            let ledger = try RiskLedger(folder: folder.path)
            for order in made { _ = try Self.decide(ledger, order) }
        }
        let file = URL(fileURLWithPath: folder.path + "/" + folder.files[0])
        var bytes = try Data(contentsOf: file)
        bytes[100] ^= 1
        try bytes.write(to: file)
        let error = #expect(throws: DecisionError.self) { _ = try RiskLedger(folder: folder.path) }
        #expect(error?.code == .riskStore)
        #expect(error?.description.contains("damaged") == true)
    }

    @Test func twoLedgersCannotHaveOneFolder() throws {
        let folder = RiskFolder()
        let ledger = try RiskLedger(folder: folder.path)
        let error = #expect(throws: DecisionError.self) { _ = try RiskLedger(folder: folder.path) }
        #expect(error?.description.contains("another process") == true)
        #expect(ledger.orders == 0)
        ledger.close()
        #expect(try RiskLedger(folder: folder.path).orders == 0)
        let made = MadeOrders(1, seed: 1).orders
        #expect(throws: DecisionError.self) { _ = try Self.decide(ledger, made[0]) }
    }

    @Test func filesThatNothingNeedsAreRemoved() throws {
        let folder = RiskFolder()
        var options = RiskLedger.Options()
        (options.orders, options.answers, options.survivesPower) = (2_000, 1_500, false)
        let made = MadeOrders(12_000, seed: 6).orders
        let expected: [[UInt8]]
        do {
            let ledger = try RiskLedger(folder: folder.path, options: options)
            expected = try made.map { try Self.decide(ledger, $0) }
            #expect(ledger.orders == 2_000)
        }
        // Files of 1,000: the two that the newest orders fill, or three where they lie across.
        #expect((2...3).contains(folder.files.count), "\(folder.files)")
        let ledger = try RiskLedger(folder: folder.path, options: options)
        #expect(ledger.orders == 2_000)
        for index in 10_500..<12_000 {
            let outcome = try ledger.answer(to: made[index].id, fingerprint: made[index].id.low)
            #expect(outcome == .repeated(expected[index]))
        }
        #expect(try ledger.answer(to: made[10_499].id, fingerprint: 10_499) == nil)
        // Its answer is forgotten, but not that it was there.
        _ = try Self.decide(ledger, made[10_499])
        #expect(ledger.orders == 2_000)
    }

    @Test func eightThreadsWithTheSameOrdersDecideEachOnce() async throws {
        let folder = RiskFolder()
        let ledger = try RiskLedger(folder: folder.path)
        let made = MadeOrders(200, seed: 8).orders
        let decided = Shared(0)
        let answers = try await withThrowingTaskGroup(of: [[UInt8]].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try made.map { order in
                        let outcome = try ledger.decide(order, fingerprint: 1) { memory in
                            decided.value.withLock { $0 += 1 }
                            return Self.answer(memory, order)
                        }
                        switch outcome {
                        case .decided(let answer), .repeated(let answer): return answer
                        case .conflict: return []
                        }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(decided.value.withLock { $0 } == 200)
        #expect(ledger.orders == 200)
        #expect(Set(answers).count == 1)
    }

    @Test func whatCannotBeWrittenIsNotDecided() throws {
        let folder = RiskFolder()
        let made = MadeOrders(3, seed: 9).orders
        let isFull = Shared(false)
        let ledger = try RiskLedger(folder: folder.path, options: RiskLedger.Options()) {
            file,
            bytes in
            guard isFull.value.withLock({ $0 }) else {
                return write(file, bytes.baseAddress, bytes.count)
            }
            // The last bytes that had room, then no more.
            guard bytes.count > 30 else {
                errno = ENOSPC
                return -1
            }
            return write(file, bytes.baseAddress, bytes.count - 30)
        }
        _ = try Self.decide(ledger, made[0])
        isFull.value.withLock { $0 = true }
        let error = #expect(throws: DecisionError.self) { _ = try Self.decide(ledger, made[1]) }
        #expect(error?.code == .riskStore)
        #expect(error?.description.contains("No space") == true)
        #expect(ledger.orders == 1)
        #expect(try ledger.answer(to: made[1].id, fingerprint: 1) == nil)
        // With room again it goes on where it was.
        isFull.value.withLock { $0 = false }
        let answers = try made.map { try Self.decide(ledger, $0) }
        #expect(ledger.orders == 3)
        #expect(answers.count == 3)
    }

    @Test func aFileWithoutItsFirstBytesIsBegunAgain() throws {
        let folder = RiskFolder()
        do { _ = try RiskLedger(folder: folder.path) }
        let file = URL(fileURLWithPath: folder.path + "/" + folder.files[0])
        try Data("MOTR".utf8).write(to: file)
        let made = MadeOrders(5, seed: 10).orders
        do {
            let ledger = try RiskLedger(folder: folder.path)
            for order in made { _ = try Self.decide(ledger, order) }
        }
        #expect(try RiskLedger(folder: folder.path).orders == 5)
    }
}
