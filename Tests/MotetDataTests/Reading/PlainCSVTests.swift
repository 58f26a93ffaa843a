import Foundation
import MotetCore
import MotetTestSupport
import Testing

@testable import MotetData

/// Blocks without quotes are read by code of our own, blocks with one by Arrow: both must agree.
@Suite("Plain CSV") struct PlainCSVTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The same rows twice: plain, and with a quoted field in every row of a column that nobody asks
    /// for.
    private func twins(
        _ header: String,
        _ rows: [String],
        lineEnd: String = "\n"
    ) throws -> (plain: TableSource, quoted: TableSource) {
        func text(_ last: String, _ mark: String) -> String {
            let lines = ["\(header),\(last)"] + rows.map { $0.isEmpty ? "" : "\($0),\(mark)" }
            return lines.joined(separator: lineEnd)
        }
        return (
            TableSource(try folder.write("plain.csv", text("q", "x"))),
            TableSource(try folder.write("quoted.csv", text("q", "\"x\"")))
        )
    }

    @Test(arguments: ["\n", "\r\n", "\r", "\n\n"])
    func fieldsAndMissingValuesAreThoseOfArrow(lineEnd: String) throws {
        let numbers = [
            "0", "-0", "1.5", "-2.25", ".5", "5.", "1e5", "-1E-3", "NA", "", "nan", "null", "inf",
            "123456789012345", "1234567890123456", "0.1234567890123456789", "007", "-0.0",
            "99999999999999999999", "1.7976931348623157e308", "0.000001", "9007199254740993",
        ]
        let integers = ["0", "-7", "007", "", "NA", "999999999999999999", "9223372036854775807"]
        let texts = [
            "", "a", "NA", "-", "12", "012", "caf\u{e9}", "a longer text of many words", "?",
        ]
        let rows = (0..<2_000).map { row in
            [numbers, integers, texts].map { $0[row * 7 % $0.count] }.joined(separator: ",")
        }
        let twins = try twins("n,i,s", rows, lineEnd: lineEnd)
        let columns: [ColumnRequest] = [
            ColumnRequest("s", type: .string), ColumnRequest("n", type: .float64),
            ColumnRequest("i", type: .int64),
        ]
        for blockBytes in [64, 1_000, 1 << 20] {
            let options = TableReadingOptions(blockBytes: blockBytes)
            let plain = try twins.plain.contents(columns, options: options)
            let quoted = try twins.quoted.contents(columns, options: options)
            #expect(plain.rowCount == rows.count)
            #expect(plain.columns == quoted.columns)
        }
    }

    @Test func decimalsAreTheNearestDoubles() throws {
        let key = RandomKey(seed: 11)
        let texts = (0..<20_000).map { row in
            let digits = String(key.bits(2 * row) >> (key.bits(2 * row + 1) % 60))
            let decimals = Int(key.bits(row + 100_000) % 16)
            let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
            return (row % 3 == 0 ? "-" : "") + padded.dropLast(decimals)
                + (decimals > 0 ? "." + padded.suffix(decimals) : "")
        }
        let file = try folder.write("t.csv", "n\n" + texts.joined(separator: "\n"))
        let reader = try TableReader(
            TableSource(file),
            columns: [ColumnRequest("n", type: .float64)],
            options: TableReadingOptions(blockBytes: 10_000)
        )
        var row = 0
        while let batch = try reader.next() {
            batch.columns[0].withValues(of: Double.self) { values in
                for value in values {
                    #expect(value == Double(texts[row]), "\(texts[row])")
                    row += 1
                }
            }
        }
        #expect(row == texts.count)
    }

    @Test func declaredMissingNumbersAreFound() throws {
        let twins = try twins("n,s", ["-999,-999", "1,0", "0,a"])
        for source in [twins.plain, twins.quoted] {
            var source = source
            source.csv.nullSpellings = ["-999", "0"]
            let table = try source.contents([
                ColumnRequest("n", type: .float64), ColumnRequest("s", type: .string),
            ])
            #expect(table.columns["n"] == [nil, "1.0", nil])
            #expect(table.columns["s"] == [nil, nil, "a"])
        }
    }

    /// Ids come as integers in some blocks and as texts in others, without a difference in the end.
    @Test func idsAreNumberedAlikeAsIntegersAndAsTexts() throws {
        let odd = ["007", "A7", "", "-0", "+3", "1234567890123456789", " 5", "5.0"]
        let rows = (0..<60_000).map { row in
            let id = row * 7_919 % 1_009 - 100
            let isOdd = row > 40_000 && row.isMultiple(of: 5)
            return "\(isOdd ? odd[row / 5 % odd.count] : "\(id)"),\(id % 7),\(row % 2),some text"
        }
        let twins = try twins("id,day,label,filler", rows)
        let schema = Schema(
            features: [
                FeatureSpecification("id", kind: .categorical, missing: .ownBucket),
                FeatureSpecification(
                    "bucket",
                    column: "id",
                    kind: .categorical,
                    vocabulary: .hashed(buckets: 100),
                    missing: .ownBucket
                ),
                FeatureSpecification("day", kind: .categorical),
            ],
            labels: [LabelSpecification("label")]
        )
        func prepare(_ source: TableSource) throws -> PreparedSplits {
            try Preparer(schema: schema, cacheFolder: folder.path + "/cache")
                .prepare(DataSources(training: source))
        }
        let plain = try prepare(twins.plain), quoted = try prepare(twins.quoted)
        #expect(plain.fitted == quoted.fitted)
        #expect(plain.fitted.vocabulary(of: "id")?.values.contains("007") == true)
        for column in ["id", "bucket", "day"] {
            let ids = try plain.training.withIntegers(column) { Array($0) }
            #expect(try quoted.training.withIntegers(column) { Array($0) } == ids)
        }
    }

    @Test func aRowOfAnotherLengthIsNamed() throws {
        for row in ["1", "1,2,3", "1,2,3,4"] {
            let file = try folder.write("t.csv", "a,b\n1,2\n\(row)\n3,4\n")
            #expect(
                performing: {
                    try TableSource(file).contents([ColumnRequest("a", type: .float64)])
                },
                throws: { "\($0)".contains("t.csv:3: row has") }
            )
        }
    }

    @Test func bytesThatAreNoTextAreNamed() throws {
        let file = try folder.write(
            "t.csv",
            Data("a,b\nx,1\n".utf8) + Data([0xE9, 0x2C, 0x31, 0x0A])
        )
        #expect(
            performing: {
                try TableSource(file).contents([ColumnRequest("a", type: .string)])
            },
            throws: { "\($0)".contains("t.csv:3, column \"a\": not valid UTF-8") }
        )
    }
}
