import Foundation
import MotetCore
import Testing

@testable import MotetData

@Suite("Table writer") struct TableWriterTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let columns = [
        ColumnDescription(name: "a", type: .int32), ColumnDescription(name: "b", type: .int64),
        ColumnDescription(name: "c", type: .float32), ColumnDescription(name: "d", type: .float64),
        ColumnDescription(name: "e", type: .boolean), ColumnDescription(name: "f", type: .string),
        ColumnDescription(name: "g", type: .list(.int32)),
    ]

    static func batch(_ rows: Range<Int>) -> [TableValues] {
        [
            .int32(rows.map(Int32.init)), .int64(rows.map { Int64($0) << 33 }),
            .float32(rows.map { Float($0) / 3 }), .float64(rows.map { Double($0) / 7 }),
            .boolean(rows.map { $0 % 3 == 0 }),
            .string(rows.map { $0 % 4 == 1 ? nil : "t \"\($0)\",\n" }),
            .list(rows.map { row in (0..<(row % 3)).map { Int32(row + $0) } }),
        ]
    }

    static func expected(_ rows: Range<Int>) -> [String: [String?]] {
        [
            "a": rows.map { "\($0)" }, "b": rows.map { "\(Int64($0) << 33)" },
            "c": rows.map { "\(Float($0) / 3)" }, "d": rows.map { "\(Double($0) / 7)" },
            "e": rows.map { "\($0 % 3 == 0)" },
            "f": rows.map { $0 % 4 == 1 ? nil : "t \"\($0)\",\n" },
            "g": rows.map { row in "\((0..<(row % 3)).map { row + $0 })" },
        ]
    }

    @Test(arguments: ["t.parquet", "t.arrow", "t.csv", "t.tsv"], [[], [0], [1], [5, 1, 300]])
    func whatIsWrittenIsRead(name: String, batches: [Int]) throws {
        let isText = name != "t.parquet" && name != "t.arrow"
        let columns = isText ? Self.columns.dropLast() : Self.columns
        let writer = try TableWriter(path: folder.path + "/" + name, columns: columns)
        var row = 0
        for count in batches {
            let values = Self.batch(row..<(row + count))
            try writer.append(isText ? values.dropLast() : values)
            row += count
        }
        #expect(folder.contents != [name])
        try writer.finish()
        #expect(folder.contents == [name])
        let table = try TableSource(folder.path + "/" + name).contents(
            columns.map { ColumnRequest($0.name, type: $0.type) }
        )
        #expect(table.rowCount == row)
        for (column, values) in table.columns {
            #expect(values == Self.expected(0..<row)[column], "\(column)")
        }
    }

    @Test func csvFilesAreReadable() throws {
        let path = folder.path + "/t.csv"
        let writer = try TableWriter(
            path: path,
            columns: [
                ColumnDescription(name: "id", type: .int64),
                ColumnDescription(name: "score", type: .float32),
                ColumnDescription(name: "name", type: .string),
            ]
        )
        try writer.append([.int64([1, 2]), .float32([0.1, 1e-9]), .string(["a\"b", nil])])
        try writer.finish()
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text == "id,score,name\n1,0.1,\"a\"\"b\"\n2,1e-9,\n")
    }

    @Test func aFileThatIsThereIsReplacedAtTheEnd() throws {
        let path = try folder.write("t.csv", "old\n1\n")
        let writer = try TableWriter(
            path: path,
            columns: [ColumnDescription(name: "new", type: .int32)]
        )
        try writer.append([.int32([2])])
        #expect(try TableSource(path).contents().columns == ["old": ["1"]])
        try writer.finish()
        #expect(try TableSource(path).contents().columns == ["new": ["2"]])
    }

    @Test func aWriterThatGoesAwayLeavesNothing() throws {
        do {
            let writer = try TableWriter(path: folder.path + "/t.parquet", columns: Self.columns)
            try writer.append(Self.batch(0..<10))
        }
        #expect(folder.contents == [])
    }

    /// A full disk: the file under its temporary name is a link to a device that is always full.
    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"),
        arguments: ["t.parquet", "t.csv", "t.arrow"]
    )
    func aFullDiskIsAnErrorAndLeavesNothing(name: String) throws {
        let path = folder.path + "/" + name
        try FileManager.default.createSymbolicLink(
            atPath: TableWriter.temporaryPath(for: path),
            withDestinationPath: "/dev/full"
        )
        let error = #expect(throws: TableError.self) {
            let writer = try TableWriter(path: path, columns: Self.columns.dropLast())
            for _ in 0..<10 { try writer.append(Self.batch(0..<1000).dropLast()) }
            try writer.finish()
        }
        #expect(error?.code == .inputOutput)
        #expect(error?.description.hasPrefix("\(path): file cannot be written; expected") == true)
        #expect(error?.description.hasSuffix("Free some space or choose another folder.") == true)
        #expect(folder.contents == [])
        #expect(FileManager.default.fileExists(atPath: "/dev/full"))
    }

    @Test func whatCannotBeWrittenIsSaid() throws {
        func message(_ name: String, _ columns: [ColumnDescription]) -> String? {
            do {
                _ = try TableWriter(path: folder.path + "/" + name, columns: columns)
                return nil
            } catch { return "\(error)".replacingOccurrences(of: folder.path + "/", with: "") }
        }
        #expect(
            message("t.csv", Self.columns)
                == "t.csv, column \"g\": type cannot be written as csv; expected int32, int64, "
                + "float32, float64, boolean, string; received list<int32>."
        )
        #expect(
            message("t.txt", Self.columns)
                == "t.txt: format is unknown or cannot be written; expected a name that ends in "
                + ".csv, .tsv, .parquet, .arrow or .feather."
        )
        #expect(
            message("t.csv", [])?.hasPrefix("t.csv: column names are missing or doubled") == true
        )
        let missing = message("no/folder/t.csv", Self.columns.dropLast())
        #expect(missing?.hasPrefix("no/folder/t.csv: file cannot be written") == true)
        #expect(folder.contents == [])
    }
}
