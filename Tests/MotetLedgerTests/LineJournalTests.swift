import Foundation
import MotetTestSupport
import Synchronization
import Testing

@testable import MotetLedger

@Suite("A journal of lines") struct LineJournalTests {
    private static let start: Int64 = 1_780_000_000_000
    private static let day: Int64 = 86_400_000

    /// Lines are `{"n":1,"time":2}`.
    private static func line(_ number: Int, at time: Int64 = start) -> [UInt8] {
        Array("{\"n\":\(number),\"time\":\(time)}".utf8)
    }

    private struct Line: Decodable { let n: Int, time: Int64 }

    private static func decoded(_ data: Data) -> Line? {
        try? JSONDecoder().decode(Line.self, from: data)
    }

    private static func journal(
        _ folder: String,
        since: Int64 = 0,
        at time: Int64 = start,
        _ change: (inout LineJournal.Options) -> Void = { _ in },
        write: @escaping LineFiles.Write = { Foundation.write($0, $1.baseAddress, $1.count) }
    ) throws -> (journal: LineJournal, numbers: [Int]) {
        var options = LineJournal.Options()
        options.durability = .process
        change(&options)
        var numbers: [Int] = []
        let journal = try LineJournal(
            folder: folder,
            name: "prices",
            options: options,
            since: since,
            at: time,
            timeOf: { decoded($0)?.time },
            read: { numbers.append(decoded($0)?.n ?? -1) },
            write: write
        )
        return (journal, numbers)
    }

    private static func text(_ folder: String, _ number: Int = 1) throws -> String {
        try String(contentsOfFile: folder + "/prices-0000000\(number).jsonl", encoding: .utf8)
    }

    @Test(arguments: LedgerDurability.allCases)
    func whatIsAppendedIsThereInOrder(durability: LedgerDurability) async throws {
        let folder = try ScratchFolder()
        let (journal, before) = try Self.journal(folder.path) { $0.durability = durability }
        #expect(before.isEmpty)
        try await journal.append([Self.line(1), Self.line(2)], at: Self.start)
        try await journal.append([], at: Self.start)
        try await journal.append([Self.line(3)], at: Self.start)
        #expect(
            try Self.text(folder.path).split(separator: "\n").map { $0.prefix(6) } == [
                "{\"n\":1", "{\"n\":2", "{\"n\":3",
            ]
        )
        await journal.close()
        #expect(try Self.journal(folder.path).numbers == [1, 2, 3])
        await #expect(throws: LedgerError.self) {
            try await journal.append([Self.line(4)], at: Self.start)
        }
    }

    /// Wherever an end of the process cuts the file, whole lines stay, the torn one goes, and more can be appended.
    @Test func aLineThatWasTornIsCutOffWhereverItWas() async throws {
        let folder = try ScratchFolder()
        let (first, _) = try Self.journal(folder.path)
        for number in 1...4 { try await first.append([Self.line(number)], at: Self.start) }
        await first.close()
        let file = folder.path + "/prices-00000001.jsonl"
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        for length in 0...whole.count {
            try whole.prefix(length).write(to: URL(fileURLWithPath: file))
            let kept = whole.prefix(length).count { $0 == 10 }
            let (journal, numbers) = try Self.journal(folder.path)
            #expect(numbers == Array(1...4).prefix(kept).map { $0 }, "\(length)")
            try await journal.append([Self.line(9)], at: Self.start)
            await journal.close()
            let again = try Self.journal(folder.path)
            #expect(again.numbers == Array(1...4).prefix(kept) + [9], "\(length)")
            await again.journal.close()
        }
    }

    @Test func aLineInTheMiddleThatDoesNotReadIsASentence() async throws {
        let folder = try ScratchFolder()
        let (journal, _) = try Self.journal(folder.path)
        for number in 1...3 { try await journal.append([Self.line(number)], at: Self.start) }
        await journal.close()
        let file = folder.path + "/prices-00000001.jsonl"
        let damaged = try Self.text(folder.path).replacing("{\"n\":2", with: "{\"x\":2")
        try damaged.write(toFile: file, atomically: true, encoding: .utf8)
        let error = #expect(throws: LedgerError.self) { try Self.journal(folder.path) }
        let told = "\(try #require(error))"
        #expect(told.hasPrefix("\(file):2: the line does not read; expected"), "\(told)")
        // Nothing was changed by the attempt, and the folder is free again.
        #expect(try Self.text(folder.path) == damaged)
        try damaged.replacing("{\"x\":2", with: "{\"n\":2")
            .write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try Self.journal(folder.path).numbers == [1, 2, 3])
    }

    @Test func aFolderHasOneOwner() async throws {
        let folder = try ScratchFolder()
        let (journal, _) = try Self.journal(folder.path)
        let error = #expect(throws: LedgerError.self) { try Self.journal(folder.path) }
        #expect("\(try #require(error))".contains("is used by another process"))
        await journal.close()
        _ = try Self.journal(folder.path)
    }

    @Test func filesAreBegunBySizeAndOldOnesGo() async throws {
        let folder = try ScratchFolder()
        func open(since: Int64, at time: Int64) throws -> (journal: LineJournal, numbers: [Int]) {
            try Self.journal(folder.path, since: since, at: time) {
                $0.fileBytes = 50
                $0.keepDays = 10
            }
        }
        let (journal, _) = try open(since: 0, at: Self.start)
        // A line has 29 bytes: two make a file full.
        for number in 0..<10 {
            let time = Self.start + Int64(number) * Self.day
            try await journal.append([Self.line(number, at: time)], at: time)
        }
        #expect(journal.contents.map(\.bytes) == [58, 58, 58, 58, 58])
        await journal.close()
        // Files that end before are not read.
        let later = try open(since: Self.start + 5 * Self.day, at: Self.start + 9 * Self.day)
        #expect(later.numbers == [4, 5, 6, 7, 8, 9])
        await later.journal.close()
        // Of 15 days later those go whose next file begins more than 10 days before.
        let last = try open(since: 0, at: Self.start + 15 * Self.day)
        #expect(last.journal.contents.count == 3)
        #expect(last.journal.contents.first?.file.hasSuffix("prices-00000003.jsonl") == true)
        await last.journal.close()
        #expect(try open(since: 0, at: Self.start + 15 * Self.day).numbers == [4, 5, 6, 7, 8, 9])
    }

    @Test func allFilesTogetherHaveABound() async throws {
        let folder = try ScratchFolder()
        let (journal, _) = try Self.journal(folder.path) {
            $0.fileBytes = 100
            $0.totalBytes = 500
        }
        for number in 0..<200 { try await journal.append([Self.line(number)], at: Self.start) }
        let contents = journal.contents
        // The bound holds when a file is begun; the one that is written grows to its own.
        #expect(contents.reduce(0) { $0 + $1.bytes } <= 500 + 100 + 40)
        await journal.close()
        let numbers = try Self.journal(folder.path).numbers
        #expect(numbers.last == 199 && numbers.count < 25)
        #expect(numbers == Array(numbers[0]...199))
    }

    /// A disk that is full for a while, in the middle of a line.
    @Test func whatDoesNotFitIsRefusedWholeAndLaterLinesAreTaken() async throws {
        let folder = try ScratchFolder()
        let room = Mutex(70)
        let write: LineFiles.Write = { file, bytes in
            let some = room.withLock { room -> Int in
                let some = min(room, bytes.count)
                room -= some
                return some
            }
            guard some > 0 else {
                errno = ENOSPC
                return -1
            }
            return Foundation.write(file, bytes.baseAddress, some)
        }
        let (journal, _) = try Self.journal(folder.path, write: write)
        try await journal.append([Self.line(1)], at: Self.start)
        for _ in 0..<2 {
            let error = await #expect(throws: LedgerError.self) {
                try await journal.append([Self.line(2), Self.line(3)], at: Self.start)
            }
            #expect("\(try #require(error))".contains("cannot be written; expected"))
        }
        #expect(try Self.text(folder.path).split(separator: "\n").count == 1)
        room.withLock { $0 = 1_000 }
        try await journal.append([Self.line(4)], at: Self.start)
        await journal.close()
        #expect(try Self.journal(folder.path).numbers == [1, 4])
    }

    /// Writing goes on while nobody waits, in the order it was begun; the end is told whenever it is asked for.
    @Test func whatWasBegunEndsWhetherItIsWaitedForOrNot() async throws {
        let folder = try ScratchFolder()
        let (journal, _) = try Self.journal(folder.path)
        let begun = try (1...20).map { try journal.begin([Self.line($0)], at: Self.start) }
        try await journal.begin([], at: Self.start).wait()
        // The last one first: all before it are written by then.
        try await begun[19].wait()
        let lines = try Self.text(folder.path).split(separator: "\n")
        #expect(lines.compactMap { Self.decoded(Data($0.utf8))?.n } == Array(1...20))
        for appending in begun.dropLast() { try await appending.wait() }
        await journal.close()
        #expect(throws: LedgerError.self) { try journal.begin([Self.line(9)], at: Self.start) }
    }

    /// What fails is told to who waits for it, and to nobody else; what does not fit into the queue is refused at once.
    @Test func whatWasBegunTellsItsFailure() async throws {
        let folder = try ScratchFolder()
        let isFull = Mutex(true)
        let gate = DispatchSemaphore(value: 0)
        let (journal, _) = try Self.journal(folder.path) {
            $0.maximumWaiting = 2
        } write: { file, bytes in
            gate.wait()
            if isFull.withLock({ $0 }) {
                errno = ENOSPC
                return -1
            }
            return Foundation.write(file, bytes.baseAddress, bytes.count)
        }
        let first = try journal.begin([Self.line(1)], at: Self.start)
        // It may be on its way already, or take the second along: no more than two wait behind it.
        var waiting: [LineAppending] = []
        let refusal = #expect(throws: LedgerError.self) {
            for number in 2...6 {
                waiting.append(try journal.begin([Self.line(number)], at: Self.start))
            }
        }
        #expect(refusal?.code == .ledgerFull)
        gate.signal()
        await #expect(throws: LedgerError.self) { try await first.wait() }
        isFull.withLock { $0 = false }
        for _ in 0..<8 { gate.signal() }
        for appending in waiting { try? await appending.wait() }
        try await journal.begin([Self.line(7)], at: Self.start).wait()
        #expect(try Self.text(folder.path).hasSuffix("{\"n\":7,\"time\":\(Self.start)}\n"))
        await journal.close()
    }

    @Test func manyCallersAreWrittenTogether() async throws {
        let folder = try ScratchFolder()
        let writes = Mutex(0)
        let write: LineFiles.Write = { file, bytes in
            writes.withLock { $0 += 1 }
            return Foundation.write(file, bytes.baseAddress, bytes.count)
        }
        let (journal, _) = try Self.journal(folder.path, { $0.durability = .power }, write: write)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<64 {
                group.addTask {
                    for number in 0..<5 {
                        let lines = [Self.line(10 * caller + number), Self.line(-1)]
                        try await journal.append(lines, at: Self.start)
                    }
                }
            }
            try await group.waitForAll()
        }
        await journal.close()
        let numbers = try Self.journal(folder.path).numbers
        #expect(numbers.count == 640)
        // Lines of a call stand together, and each call's are there.
        #expect(stride(from: 1, to: 640, by: 2).allSatisfy { numbers[$0] == -1 })
        let expected = (0..<64).flatMap { caller in (0..<5).map { 10 * caller + $0 } }
        #expect(numbers.filter { $0 >= 0 }.sorted() == expected)
        print("320 calls in \(writes.withLock { $0 }) writes")
        #expect(writes.withLock { $0 } < 320)
    }
}
