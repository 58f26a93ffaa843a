import Foundation
import MotetCore
import MotetTestSupport
import Testing

@testable import MotetData

@Suite("Prepared data") struct PreparedDatasetTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let columns = [
        PreparedColumn(name: "price", kind: .float32(width: 1)),
        PreparedColumn(name: "vector", kind: .float32(width: 3)),
        PreparedColumn(name: "item/id", kind: .int32),
        PreparedColumn(name: "history", kind: .ragged),
        PreparedColumn(name: "weights", kind: .raggedFloat32),
        PreparedColumn(name: "tokens", kind: .int32(width: 4)),
        PreparedColumn(name: "pixels", kind: .bytes(width: 5, scale: 0.5)),
    ]

    /// Writes `rowCount` rows in pieces of `chunk` rows; row `r` has `r % 4` history values.
    func write(
        _ name: String,
        rowCount: Int,
        chunk: Int,
        key: String = "k"
    ) throws -> PreparedDataset {
        let writer = try PreparedDatasetWriter(
            path: folder.path + "/" + name,
            columns: Self.columns,
            contentKey: key
        )
        for start in stride(from: 0, to: rowCount, by: chunk) {
            let rows = start..<min(start + chunk, rowCount)
            try rows.map(Float.init).withUnsafeBufferPointer { try writer.append($0, to: 0) }
            try rows.flatMap { row in (0..<3).map { Float(row * 3 + $0) } }
                .withUnsafeBufferPointer { try writer.append($0, to: 1) }
            try rows.map { Int32($0) * 7 }.withUnsafeBufferPointer { try writer.append($0, to: 2) }
            // The values stand behind some that belong to nobody, as in a slice of a table.
            let values: [Int32] =
                [-1, -1] + rows.flatMap { row in (0..<(row % 4)).map { Int32(row * 10 + $0) } }
            var offsets: [Int32] = [2]
            for row in rows { offsets.append((offsets.last ?? 0) + Int32(row % 4)) }
            try offsets.withUnsafeBufferPointer { offsets in
                try values.withUnsafeBufferPointer {
                    try writer.append($0, offsets: offsets, to: 3)
                }
                try rows.flatMap { row in (0..<4).map { Int32(row * 4 + $0) } }
                    .withUnsafeBufferPointer { try writer.append($0, to: 5) }
                try rows.flatMap { row in (0..<5).map { UInt8(truncatingIfNeeded: row * 5 + $0) } }
                    .withUnsafeBufferPointer { try writer.append($0, to: 6) }
                try values.map { Float($0) / 2 }.withUnsafeBufferPointer {
                    try writer.append($0, offsets: offsets, to: 4)
                }
            }
        }
        return try writer.finish()
    }

    func check(_ dataset: PreparedDataset, rowCount: Int) throws {
        #expect(dataset.rowCount == rowCount)
        #expect(try dataset.withFloats("price") { Array($0) } == (0..<rowCount).map(Float.init))
        #expect(
            try dataset.withFloats("vector") { Array($0) } == (0..<3 * rowCount).map(Float.init)
        )
        #expect(
            try dataset.withIntegers("item/id") { Array($0) }
                == (0..<rowCount).map { Int32($0) * 7 }
        )
        try dataset.withRagged("history") { values, offsets in
            try #require(offsets.count == rowCount + 1)
            for row in 0..<rowCount {
                let mine = Array(values[Int(offsets[row])..<Int(offsets[row + 1])])
                #expect(mine == (0..<(row % 4)).map { Int32(row * 10 + $0) })
            }
        }
        try dataset.withRaggedFloats("weights") { values, offsets in
            #expect(offsets.count == rowCount + 1)
            #expect(values.count == Int(offsets[rowCount]))
        }
        #expect(
            try dataset.withIntegers("tokens") { Array($0) } == (0..<4 * rowCount).map(Int32.init)
        )
        #expect(
            try dataset.withBytes("pixels") { Array($0) }
                == (0..<5 * rowCount).map { UInt8(truncatingIfNeeded: $0) }
        )
        #expect(dataset.columns.map(\.name) == Self.columns.map(\.name))
    }

    @Test(arguments: [(0, 1), (1, 1), (10, 3), (1000, 1000), (1000, 64)])
    func whatIsWrittenIsRead(rowCount: Int, chunk: Int) throws {
        try check(try write("data", rowCount: rowCount, chunk: chunk), rowCount: rowCount)
        let again = try PreparedDataset(
            path: folder.path + "/data",
            contentKey: "k",
            verifiesChecksums: true
        )
        try check(again, rowCount: rowCount)
        #expect(again.columns[3].maximumLength == min(max(rowCount - 1, 0), 3))
        #expect(folder.contents == ["data"])
    }

    @Test func piecesLargerThanTheBufferArriveWhole() throws {
        let values = (0..<300_001).map { Int32($0) }
        let writer = try PreparedDatasetWriter(
            path: folder.path + "/data",
            columns: [PreparedColumn(name: "id", kind: .int32)],
            contentKey: ""
        )
        try values.withUnsafeBufferPointer { try writer.append($0, to: 0) }
        try values.withUnsafeBufferPointer { try writer.append($0, to: 0) }
        let dataset = try writer.finish()
        #expect(try dataset.withIntegers("id") { Array($0) } == values + values)
    }

    @Test func writingAgainReplacesTheOldData() throws {
        let old = try write("data", rowCount: 10, chunk: 10, key: "old")
        let new = try write("data", rowCount: 20, chunk: 10, key: "new")
        // Who has the old files mapped keeps them.
        try check(old, rowCount: 10)
        try check(new, rowCount: 20)
        #expect(folder.contents == ["data"])
    }

    @Test func aWriterThatGoesAwayLeavesNothing() throws {
        do {
            let writer = try PreparedDatasetWriter(
                path: folder.path + "/data",
                columns: Self.columns,
                contentKey: ""
            )
            try [Int32(1), 2].withUnsafeBufferPointer { try writer.append($0, to: 2) }
            #expect(folder.contents.count == 1)
        }
        #expect(folder.contents == [])
    }

    @Test func columnsMustHaveEqualRows() throws {
        let writer = try PreparedDatasetWriter(
            path: folder.path + "/data",
            columns: [
                PreparedColumn(name: "a", kind: .int32), PreparedColumn(name: "b", kind: .int32),
            ],
            contentKey: ""
        )
        try [Int32(1), 2].withUnsafeBufferPointer { try writer.append($0, to: 0) }
        let error = #expect(throws: TableError.self) { try writer.finish() }
        #expect(
            error?.description.hasSuffix(
                "column \"b\": number of rows differs; expected 2 as in \"a\"; received 0."
            ) == true
        )
        #expect(folder.contents == [])
    }

    // MARK: Stale and damaged data

    func staleness(key: String? = "k", checksums: Bool = true) -> String? {
        do {
            _ = try PreparedDataset(
                path: folder.path + "/data",
                contentKey: key,
                verifiesChecksums: checksums
            )
            return nil
        } catch let error as TableError where error.code == .preparedStale {
            return error.description.replacingOccurrences(of: folder.path + "/", with: "")
        } catch {
            return "another error: \(error)"
        }
    }

    @Test func dataOfOtherContentAreStale() throws {
        #expect(staleness() == "data/manifest.json: no such file; expected prepared data.")
        _ = try write("data", rowCount: 10, chunk: 10, key: "other")
        #expect(
            staleness()
                == "data: prepared data is of other content; expected the key \"k\"; received "
                + "\"other\"."
        )
        #expect(staleness(key: nil) == nil)
    }

    @Test func everyTruncatedFileIsNoticed() throws {
        _ = try write("data", rowCount: 10, chunk: 10)
        let data = folder.path + "/data"
        for name in try FileManager.default.contentsOfDirectory(atPath: data) {
            let file = URL(fileURLWithPath: data + "/" + name)
            let whole = try Data(contentsOf: file)
            try whole.dropLast().write(to: file)
            #expect(staleness(checksums: false) != nil, "\(name)")
            try FileManager.default.removeItem(at: file)
            #expect(staleness(checksums: false) != nil, "\(name)")
            try whole.write(to: file)
            #expect(staleness() == nil)
        }
    }

    @Test func anEditedFileIsNoticedWhenAsked() throws {
        _ = try write("data", rowCount: 10, chunk: 10)
        let file = URL(fileURLWithPath: folder.path + "/data/0_price.f32")
        var bytes = try Data(contentsOf: file)
        bytes[5] ^= 1
        try bytes.write(to: file)
        #expect(staleness(checksums: false) == nil)
        #expect(
            staleness()?.hasPrefix("data/0_price.f32: prepared file was changed; expected") == true
        )
    }

    @Test(arguments: [
        ("\"version\" : 2", "\"version\" : 1"), ("\"rowCount\" : 10", "\"rowCount\" : 11"),
        ("\"rowCount\" : 10", "\"rowCount\" : -1"), ("\"width\" : 3", "\"width\" : 0"),
        ("\"width\" : 4", "\"width\" : 5"),
        ("\"scale\" : 0.5", "\"scale\" : 0"), ("\"width\" : 5", "\"width\" : 6"),
        ("\"contentKey\"", "\"content\""), ("{", ""),
    ])
    func anEditedManifestIsNoticed(old: String, new: String) throws {
        _ = try write("data", rowCount: 10, chunk: 10)
        let file = URL(fileURLWithPath: folder.path + "/data/manifest.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(old))
        try text.replacingOccurrences(of: old, with: new)
            .write(to: file, atomically: true, encoding: .utf8)
        #expect(staleness(checksums: false) != nil)
    }

    // MARK: In memory

    @Test func dataInMemoryAreTheSame() throws {
        let written = try write("data", rowCount: 10, chunk: 4)
        let memory = try PreparedDataset(inMemory: [
            "price": .floats((0..<10).map(Float.init)),
            "vector": .tensor(Tensor((0..<30).map(Float.init), shape: [10, 3])),
            "item/id": .integers((0..<10).map { Int32($0) * 7 }),
            "history": .ragged(
                (0..<10).map { row in (0..<(row % 4)).map { Int32(row * 10 + $0) } }
            ),
            "weights": .raggedFloats(
                (0..<10).map { row in (0..<(row % 4)).map { Float(row * 10 + $0) / 2 } }
            ),
            "tokens": .integers((0..<40).map { Int32($0) }, width: 4),
            "pixels": .bytes((0..<50).map { UInt8($0) }, width: 5, scale: 0.5),
        ])
        try check(memory, rowCount: 10)
        #expect(memory.columns == written.columns)
        #expect(memory.byteCount == written.byteCount)
    }

    @Test func aScaleOfBytesMustBeAPositiveNumber() throws {
        for scale in [0, -1, Float.nan, .infinity] {
            let error = #expect(throws: TableError.self) {
                try PreparedDataset(inMemory: ["a": .bytes([1, 2], width: 2, scale: scale)])
            }
            #expect(
                error?.description
                    == "prepared data, column \"a\": 'scale' is out of range; expected a finite "
                    + "number above 0; received \(scale)."
            )
        }
        let error = #expect(throws: TableError.self) {
            try PreparedDataset(inMemory: ["a": .bytes([1, 2, 3], width: 2)])
        }
        #expect(
            error?.description
                == "prepared data, column \"a\": values do not fill rows; expected a multiple of "
                + "the width 2; received 3 values."
        )
    }

    @Test func tensorsOfAnyRankAreRowsOfTheirOtherSizes() throws {
        let numbers = (0..<24).map { Int32($0) }
        let dataset = try PreparedDataset(inMemory: [
            "ids": .tensor(Tensor(numbers, shape: [4, 6])),
            "pictures": .tensor(Tensor(numbers.map(Float.init), shape: [4, 3, 2, 1])),
        ])
        #expect(dataset.columns.map(\.kind) == [.int32(width: 6), .float32(width: 6)])
        #expect(try dataset.withIntegers("ids") { Array($0) } == numbers)
    }

    @Test func accessToAnotherColumnIsAnError() throws {
        let dataset = try PreparedDataset(inMemory: ["price": .floats([1]), "id": .integers([1])])
        let unknown = #expect(throws: TableError.self) {
            try dataset.withFloats("prize") { $0.count }
        }
        #expect(
            unknown?.description
                == "prepared data, column \"prize\": no such column; expected one of price, id. Did "
                + "you mean `price`?"
        )
        #expect(throws: TableError.self) { try dataset.withIntegers("price") { $0.count } }
        #expect(throws: TableError.self) {
            try PreparedDataset(inMemory: ["a": .floats([1]), "b": .floats([1, 2])])
        }
        #expect(throws: TableError.self) {
            try PreparedDataset(inMemory: ["a": .floats([1, 2, 3], width: 2)])
        }
        #expect(throws: TableError.self) {
            try PreparedDataset(inMemory: ["a": .integers([1, 2, 3], width: 2)])
        }
        #expect(throws: TableError.self) {
            try PreparedDataset(inMemory: ["a": .tensor(Tensor(zeros: [2, 0], dtype: .int32))])
        }
    }

    /// Values of the reference implementation, `xxhsum -H64`.
    @Test(arguments: [
        ("", "ef46db3751d8e999"), ("a", "d24ec4f1a98c6e5b"), ("abc", "44bc2cf5ad770999"),
        ("Nobody inspects the spammish repetition", "fbcea83c8a378bf1"),
    ])
    func checksumsAreXXH64(text: String, checksum: String) {
        let memory = Array(text.utf8).withUnsafeBufferPointer { PreparedMemory($0) }
        #expect(memory.checksum == checksum)
    }
}
