@testable import FeatureStoreWriter
import Foundation
import MotetCore
import MotetFeatures
import MotetTestSupport
import Testing

@testable import MotetFeatureStore

/// The files of a store's folder, and what the store answers.
private struct StoreImage: Sendable {
    var files: [String: [UInt8]]

    /// The answers after the first batches, by their number.
    static let answers: [[FeatureTable]] = {
        let reference = MemoryFeatureStore(WrittenEvents.definitions)
        var all: [[FeatureTable]] = []
        for batch in 0...batches {
            all.append(questions().map { reference.features($0) })
            _ = reference.apply(WrittenEvents.batch(batch))
        }
        return all
    }()

    static let batches = 16
    /// How many batches the snapshot holds.
    static let inSnapshot = 10

    /// A store with a snapshot and a log after it.
    ///
    /// - Parameter isClosed: whether it came to its end; else the files are those that a kill would leave.
    /// - Returns: its files.
    /// - Throws: where they cannot be made.
    static func make(isClosed: Bool) async throws -> StoreImage {
        let folder = try ScratchFolder()
        let store = try DurableFeatureStore(WrittenEvents.definitions, folder: folder.path)
        for batch in 0..<inSnapshot { _ = try await store.apply(WrittenEvents.batch(batch)) }
        _ = try await store.forget(user: "nobody")
        for batch in inSnapshot..<batches { _ = try await store.apply(WrittenEvents.batch(batch)) }
        if isClosed { try await store.close() }
        let image = try StoreImage(folder)
        if !isClosed { try await store.close() }
        return image
    }

    private init(_ folder: ScratchFolder) throws {
        files = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            files[name] = FileManager.default.contents(atPath: folder.path + "/" + name)
                .map { [UInt8]($0) }
        }
    }

    /// The name of the snapshot.
    func snapshot() throws -> String {
        try #require(files.keys.first { $0.hasPrefix("state-") })
    }

    /// Opens a store with the files.
    ///
    /// - Returns: after how many batches it is, or what it says.
    func opened() async throws -> Result<Int, FeatureError> {
        let folder = try ScratchFolder()
        for (name, bytes) in files {
            try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/" + name))
        }
        do {
            let store = try DurableFeatureStore(WrittenEvents.definitions, folder: folder.path)
            let told = try await MotetFeatureStoreTests.answers(store)
            try await store.close()
            guard let place = Self.answers.lastIndex(of: told) else {
                Issue.record("the store answers what was never so")
                return .success(-1)
            }
            return .success(place)
        } catch let error as FeatureError {
            #expect(error.description.contains(folder.path), "\(error)")
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(Set(files.keys).subtracting(["log.sqlite-wal"]).isSubset(of: left), "\(error)")
            return .failure(error)
        }
    }
}

@Suite("Damaged files of a store") struct DamageTests {
    private static let text = Array("not SQLite at all, but long enough to be looked at".utf8)

    /// What is done to the files, and a part of the sentence.
    private static let mishaps:
        [(name: String, change: @Sendable (inout StoreImage) throws -> Void)] = [
            ("no snapshot", { $0.files[try $0.snapshot()] = nil }),
            ("an empty snapshot", { $0.files[try $0.snapshot()] = [] }),
            (
                "half a snapshot",
                { image in
                    let name = try image.snapshot()
                    image.files[name] = image.files[name].map { Array($0.prefix($0.count / 2)) }
                }
            ),
            ("another snapshot", { $0.files[try $0.snapshot()] = text }),
            ("no log", { $0.files["log.sqlite"] = nil }),
            ("an empty log", { $0.files["log.sqlite"] = [] }),
            (
                "half a log",
                { image in
                    image.files["log.sqlite"] = image.files["log.sqlite"].map {
                        Array($0.prefix($0.count / 2))
                    }
                }
            ),
            ("another log", { $0.files["log.sqlite"] = text }),
        ]

    @Test(arguments: mishaps.indices)
    func aFileThatIsMissingOrCutOffIsToldAndNothingIsRemoved(index: Int) async throws {
        var image = try await StoreImage.make(isClosed: true)
        let mishap = Self.mishaps[index]
        try mishap.change(&image)
        guard case .failure(let error) = try await image.opened() else {
            Issue.record("\(mishap.name): it was opened")
            return
        }
        #expect(error.code == .featureStore)
        #expect(SentenceCheck.problem(error) == nil, "\(mishap.name): \(error)")
    }

    /// By a changed text of a table SQLite reads other columns and finds nothing wrong: entries would be missing, and nobody told.
    @Test(
        arguments: [
            ("sequence INTEGER PRIMARY KEY", "sequence INTEGER PRIMARX KEY"),
            ("sequence INTEGER NOT NULL)", "sequence INTEGER NOP NULL)"),
            ("digest INTEGER", "digess INTEGER"), ("CREATE TABLE log", "CREATE\u{1}TABLE log"),
            ("CREATE TABLE snapshot", "`REATE TABLE snapshot"), ("one = 1", "one=\n1 "),
        ]
    )
    func aTableThatIsMadeOtherwiseIsTold(text: String, changed: String) async throws {
        var image = try await StoreImage.make(isClosed: true)
        var log = try #require(image.files["log.sqlite"])
        let found = try #require(log.firstRange(of: Array(text.utf8)))
        log.replaceSubrange(found, with: Array(changed.utf8))
        image.files["log.sqlite"] = log
        guard case .failure(let error) = try await image.opened() else {
            Issue.record("\(changed): it was opened")
            return
        }
        #expect(error.code == .featureStore)
        #expect(SentenceCheck.problem(error) == nil, "\(changed): \(error)")
    }

    @Test func textsOfOtherProgramsAreOneLine() {
        #expect(
            StoreFolder.oneLine("*** in database main ***\nPage 4:\t\u{1}free\u{7F} space ")
                == "*** in database main *** Page 4: free space"
        )
        #expect(StoreFolder.oneLine("") == "")
        #expect(StoreFolder.oneLine(String(repeating: "x", count: 400)).count == 400)
        #expect(
            StoreFolder.oneLine(String(repeating: "x", count: 401)) == String(
                repeating: "x",
                count: 400
            ) + "..."
        )
    }

    /// A log that was never written to may be empty: its process ended too early.
    @Test func anEmptyLogWithNothingBesideItIsABeginning() async throws {
        let folder = try ScratchFolder()
        try Data().write(to: URL(fileURLWithPath: folder.path + "/log.sqlite"))
        let store = try DurableFeatureStore(WrittenEvents.definitions, folder: folder.path)
        _ = try await store.apply(WrittenEvents.batch(0))
        try await store.close()
    }

    /// How many bytes are changed; `make soak` changes more.
    private static var tries: Int { min(FuzzRun(suite: 150).iterations, 5_000) }

    @Test(arguments: [false, true])
    func aChangedByteIsToldOrChangesNothing(isClosed: Bool) async throws {
        let image = try await StoreImage.make(isClosed: isClosed)
        let run = FuzzRun(suite: 150)
        var told = 0
        for number in 0..<Self.tries {
            var random = RandomKey(seed: run.seed).split(number).generator()
            let names = image.files.filter { !$0.value.isEmpty }.keys.sorted()
            let name = names[Int.random(in: names.indices, using: &random)]
            var changed = image
            let count = image.files[name]?.count ?? 0
            let place = Int.random(in: 0..<count, using: &random)
            changed.files[name]?[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            switch try await changed.opened() {
            case .failure(let error):
                told += 1
                #expect(SentenceCheck.problem(error) == nil, "\(name), byte \(place): \(error)")
            case .success(let batches):
                // SQLite takes the log up to the first change for what was committed: a power cut looks so.
                let fewest =
                    name == "log.sqlite-wal" ? StoreImage.inSnapshot : StoreImage.batches
                #expect(batches >= fewest, "\(name), byte \(place): \(batches) batches")
            }
        }
        #expect(told > Self.tries / 20, "\(told) of \(Self.tries)")
        print("\(Self.tries) changed bytes, seed \(run.seed): \(told) told")
    }

    @Test func aLogThatIsCutOffHoldsWhatWasCommittedBefore() async throws {
        let image = try await StoreImage.make(isClosed: false)
        let log = try #require(image.files["log.sqlite-wal"])
        #expect(log.count > 30_000)
        var last = StoreImage.inSnapshot
        for length in stride(from: 0, through: log.count, by: max(1, log.count / 40)) {
            var cut = image
            cut.files["log.sqlite-wal"] = Array(log.prefix(length))
            let batches = try await cut.opened().get()
            #expect(batches >= last, "\(length) bytes")
            last = batches
        }
        #expect(try await image.opened().get() == StoreImage.batches)
    }

    /// The ids of a great store have more bytes than one value of SQLite holds.
    @Test func aSnapshotWhoseHeadIsInManyPiecesIsTheSame() throws {
        let folder = try ScratchFolder()
        var features = KeptFeatures(WrittenEvents.definitions)
        for batch in 0..<StoreImage.batches { features.apply(.events(WrittenEvents.batch(batch))) }
        for (name, bytes) in [("state-1-one.sqlite", 1 << 26), ("state-2-many.sqlite", 7)] {
            try SnapshotDatabase.write(
                features.snapshot(),
                to: folder.path,
                name: name,
                pieceBytes: bytes
            )
            let (read, empty) = try SnapshotDatabase.read(
                folder.path,
                name: name,
                WrittenEvents.definitions
            )
            #expect(empty.isEmpty)
            #expect(read.snapshot().head() == features.snapshot().head(), "\(name)")
            let answers = questions().map { question in
                var table = FeatureTable()
                read.read(question, ItemTable(), into: &table)
                return table
            }
            #expect(answers == StoreImage.answers[StoreImage.batches], "\(name)")
        }
    }

    @Test func theCheckFindsAnswersThatWereNeverSo() async throws {
        let folder = try ScratchFolder()
        let store = try DurableFeatureStore(WrittenEvents.definitions, folder: folder.path)
        // The second batch without the first.
        _ = try await store.apply(WrittenEvents.batch(1))
        let told = try await answers(store)
        #expect(!StoreImage.answers.contains(told))
        try await store.close()
    }
}
