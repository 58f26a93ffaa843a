import Foundation
import MotetTestSupport
import Testing

@testable import MotetReports

@Suite("TensorBoard") struct TensorBoardTests {
    private func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = NSTemporaryDirectory() + "/motet-events-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }

    /// RFC 3720, appendix B.4; and the check value of the catalogue of parametrised algorithms.
    private static let known: [([UInt8], UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ([UInt8](0..<32), 0x46DD_794E), ((0..<32).reversed(), 0x113F_DB5C),
        ([UInt8]("123456789".utf8), 0xE306_9283), ([], 0),
    ]

    @Test(arguments: known)
    func checksumsAreThoseOfTheStandard(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(bytes) == checksum)
    }

    /// What TensorBoard 2.21.0 itself writes for the same events, but for the time of day:
    /// `EventFileWriter(folder).add_event(Event(wall_time=1.5, step=300, summary=Summary(value=[Summary.Value(
    /// tag="loss/click", simple_value=0.25)])))`.
    @Test func recordsAreTheBytesTensorBoardWrites() throws {
        let first = EventRecord(wallTime: 1.5, fileVersion: EventRecord.version)
        let second = EventRecord(
            wallTime: 1.5,
            step: 300,
            scalars: [.init(tag: "loss/click", value: 0.25)]
        )
        #expect(
            hex(first.framed)
                == "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c"
        )
        #expect(
            hex(second.framed)
                == "2100000000000000017becf609000000000000f83f10ac022a130a110a0a6c6f73732f636c69636b150000803ec764e25a"
        )
        #expect(EventRecord.records(in: first.framed + second.framed) == [first, second])
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test(arguments: [0, 1, 127, 128, 300, 1 << 40, Int64.max, -1])
    func stepsOfAnySizeReadBack(step: Int64) {
        let record = EventRecord(
            wallTime: 1_700_000_000.125,
            step: step,
            scalars: (0..<40).map { .init(tag: "a/rather/long/name/\($0)", value: Float($0) / 3) }
        )
        #expect(EventRecord.records(in: record.framed) == [record])
    }

    /// Planted: every byte of a record matters, and what was cut off is left out.
    @Test func damagedAndCutOffRecordsAreNotRead() {
        let record = EventRecord(wallTime: 2, step: 7, scalars: [.init(tag: "x", value: 1)])
        let whole = record.framed
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 0x10
            #expect(EventRecord.records(in: damaged) == [], "byte \(index)")
            #expect(EventRecord.records(in: record.framed + whole.prefix(index)) == [record])
        }
    }

    @Test func aFolderKeepsEveryStepOnceOverSeveralWriters() throws {
        try withFolder { folder in
            let clock = { Date(timeIntervalSince1970: 5) }
            let first = try EventFolder(folder, clock: clock)
            #expect(first.lastStep == nil && first.file == nil)
            try first.add(["loss/a": 3, "gone": nil, "wild": .nan], step: 10)
            try first.add(["loss/a": 2], step: 20)
            // In the file at once, without the writer's end.
            #expect(try EventFolder.scalars(in: folder)["loss/a"]?.map(\.step) == [10, 20])
            // A record the first writer was killed in.
            let file = try #require(first.file)
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data([1, 2, 3]))
            try handle.close()
            let second = try EventFolder(folder, clock: clock)
            #expect(second.lastStep == 20)
            try second.add(["loss/a": 9], step: 20)
            try second.add(["loss/a": 1], step: 30)
            #expect(second.file != first.file)
            let scalars = try EventFolder.scalars(in: folder)
            #expect(
                scalars == [
                    "loss/a": [
                        .init(step: 10, value: 3), .init(step: 20, value: 2),
                        .init(step: 30, value: 1),
                    ]
                ]
            )
        }
    }

    /// TensorBoard of `make bench-peers` reads what was written.
    @Test(
        .enabled(
            if: Peers.hasTensorBoard,
            "TensorBoard is not set up; `make bench-peers` installs it"
        )
    )
    func tensorBoardReadsWhatWasWritten() throws {
        try withFolder { folder in
            let first = try EventFolder(folder)
            for step in 1...300 {
                try first.add(
                    [
                        "loss/click": 1 / Double(step),
                        "validation/click/auc": step % 10 == 0 ? 0.5 + Double(step) / 1000 : nil,
                    ],
                    step: step
                )
            }
            let second = try EventFolder(folder)
            try second.add(["loss/click": 0.125, "ünïcode <tag>": -1e-30], step: 301)
            let read = try Peers.scalars(folder)
            let own = try EventFolder.scalars(in: folder)
            #expect(read.mapValues { $0.map(\.step) } == own.mapValues { $0.map(\.step) })
            #expect(read.mapValues { $0.map(\.value) } == own.mapValues { $0.map(\.value) })
            #expect(read["loss/click"]?.count == 301 && read["validation/click/auc"]?.count == 30)
        }
    }
}
