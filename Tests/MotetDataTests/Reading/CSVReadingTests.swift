import Foundation
import MotetData
import Testing

@Suite("CSV reading") struct CSVReadingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func typesAreInferredFromTheText() throws {
        let file = try folder.write(
            "t.csv",
            "id,price,name,sold,day,empty\n1,0.5,apple,true,2020-01-02,\n2,,NA,false,1970-01-01,\n"
        )
        let columns = try TableSource(file).columns()
        #expect(columns.map(\.name) == ["id", "price", "name", "sold", "day", "empty"])
        #expect(
            columns.map(\.type) == [.int64, .float64, .string, .boolean, .timestamp, .string]
        )
        let table = try TableSource(file).contents()
        #expect(table.columns["id"] == ["1", "2"])
        #expect(table.columns["price"] == ["0.5", nil])
        // NA is a text like another in a column of texts: it may be Namibia.
        #expect(table.columns["name"] == ["apple", "NA"])
        #expect(table.columns["sold"] == ["true", "false"])
        #expect(table.columns["day"] == ["1577923200000000", "0"])
        #expect(table.columns["empty"] == [nil, nil])
    }

    @Test func columnsComeInTheOrderAskedFor() throws {
        let file = try folder.write("t.csv", "a,b,c\n1,2,3\n")
        let reader = try TableReader(TableSource(file), columns: ["c", "a"])
        let batch = try #require(try reader.next())
        #expect(batch.columns.map(\.name) == ["c", "a"])
        #expect(batch["c"]?.shown(at: 0) == "3")
        #expect(batch["b"] == nil)
        #expect(try reader.next() == nil)
    }

    struct Dialect: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var options = CSVOptions()
        var file = "t.csv"
        var testDescription: String { name }
    }

    @Test(arguments: [
        Dialect(name: "plain", text: "a,b\n1,x y\n,\"p,q\"\n"),
        Dialect(name: "tabs", text: "a\tb\n1\tx y\n\tp,q\n", file: "t.tsv"),
        Dialect(name: "Windows line ends", text: "a,b\r\n1,x y\r\n,\"p,q\"\r\n"),
        Dialect(name: "byte order mark", text: "\u{FEFF}a,b\n1,x y\n,\"p,q\"\n"),
        Dialect(name: "no last line end", text: "a,b\n1,x y\n,\"p,q\""),
        Dialect(name: "blank lines", text: "\na,b\n\n1,x y\n\n,\"p,q\"\n\n"),
        Dialect(
            name: "semicolons",
            text: "a;b\n1;x y\n;p,q\n",
            options: CSVOptions(delimiter: ";", decimalPoint: ",")
        ),
        Dialect(
            name: "spaces",
            text: "a, b\n 1 , x y  \n  , \"p,q\" \n",
            options: CSVOptions(trimsSpaces: true)
        ),
        Dialect(
            name: "given names",
            text: "1,x y\n,\"p,q\"\n",
            options: CSVOptions(hasHeader: false, columnNames: ["a", "b"])
        ),
        Dialect(
            name: "replaced names",
            text: "u,v\n1,x y\n,\"p,q\"\n",
            options: CSVOptions(columnNames: ["a", "b"])
        ),
        Dialect(
            name: "skipped lines",
            text: "about\n\"these\na,b\n1,x y\n,\"p,q\"\n",
            options: CSVOptions(skippedLines: 2)
        ),
        Dialect(
            name: "other quotes",
            text: "a,b\n1,'x y'\n,'p,q'\n",
            options: CSVOptions(quote: "'")
        ),
        Dialect(
            name: "spelled missing",
            text: "a,b\n1,x y\n?,\"p,q\"\n",
            options: CSVOptions(nullSpellings: ["?"])
        ),
    ])
    func everyDialectGivesTheSameTable(dialect: Dialect) throws {
        let source = TableSource(
            try folder.write(dialect.file, dialect.text),
            csv: dialect.options
        )
        for type in [ColumnType.string, .dictionary] {
            let table = try source.contents([
                ColumnRequest("a", type: .int32), ColumnRequest("b", type: type),
            ])
            #expect(table.columns["a"] == ["1", nil])
            #expect(table.columns["b"] == ["x y", "p,q"])
        }
    }

    @Test func namesAreMadeWhereThereAreNone() throws {
        let file = try folder.write("t.csv", "1,x\n2,y\n")
        let source = TableSource(file, csv: CSVOptions(hasHeader: false))
        #expect(try source.columns().map(\.name) == ["column_1", "column_2"])
        #expect(try source.contents().columns["column_2"] == ["x", "y"])
    }

    @Test(arguments: [ColumnType.string, .dictionary])
    func spelledMissingTextsAreMissing(type: ColumnType) throws {
        let file = try folder.write("t.csv", "a\nx\n?\n\"\"\nnone\nx\n")
        let source = TableSource(file, csv: CSVOptions(nullSpellings: ["?", "none"]))
        let table = try source.contents([ColumnRequest("a", type: type)])
        // A quoted empty text is missing too; in a one-column file a blank line is no row.
        #expect(table.columns["a"] == ["x", nil, nil, nil, "x"])
    }

    @Test func decimalCommasAreRead() throws {
        let file = try folder.write("t.csv", "a;b\n1,5;x\n-0,25;y\n")
        let source = TableSource(file, csv: CSVOptions(delimiter: ";", decimalPoint: ","))
        #expect(try source.contents().columns["a"] == ["1.5", "-0.25"])
    }

    @Test func infinityAndNaNSurviveOrAreMissing() throws {
        let file = try folder.write("t.csv", "a\n1.5\ninf\n-inf\nNaN\n")
        // NaN is a spelling of missing; infinity is for the caller to judge.
        #expect(try TableSource(file).contents().columns["a"] == ["1.5", "inf", "-inf", nil])
    }

    @Test func timesFollowTheFormatsGiven() throws {
        let file = try folder.write("t.csv", "t\n1970-01-01 00:00:01\n01/02/1970 00:00\n")
        let source = TableSource(file, csv: CSVOptions(timestampFormats: ["%m/%d/%Y %H:%M"]))
        let table = try source.contents([ColumnRequest("t", type: .timestamp)])
        #expect(table.columns["t"] == ["1000000", "86400000000"])
    }

    @Test func lineEndsInsideQuotesBelongToTheText() throws {
        let lines = (0..<200).map { "\($0),\"first \($0)\nsecond \"\"\($0)\"\"\",5\" pipe" }
        let file = try folder.write(
            "t.csv",
            "id,text,size\n" + lines.joined(separator: "\n") + "\n"
        )
        for blockBytes in [16, 64, 97, 1024, 1 << 20] {
            let table = try TableSource(file).contents(
                options: TableReadingOptions(blockBytes: blockBytes)
            )
            #expect(table.columns["id"] == (0..<200).map { "\($0)" })
            #expect(table.columns["text"] == (0..<200).map { "first \($0)\nsecond \"\($0)\"" })
            #expect(table.columns["size"]?.allSatisfy { $0 == "5\" pipe" } == true)
        }
    }

    @Test func batchesDoNotDependOnThreads() throws {
        let rows = (0..<5000).map { "\($0),\($0 % 7),t\($0 % 13)" }
        let file = try folder.write("t.csv", "id,b,c\n" + rows.joined(separator: "\n"))
        let serial = try TableSource(file).contents(
            options: TableReadingOptions(blockBytes: 1000, usesThreads: false)
        )
        #expect(serial.columns["id"] == (0..<5000).map { "\($0)" })
        #expect(serial.places.count > 50)
        for _ in 0..<3 {
            let parallel = try TableSource(file).contents(
                options: TableReadingOptions(blockBytes: 1000)
            )
            #expect(parallel == serial)
        }
    }

    @Test func readingMayStopEarly() throws {
        let rows = (0..<5000).map { "\($0)" }
        let file = try folder.write("t.csv", "id\n" + rows.joined(separator: "\n"))
        let reader = try TableReader(
            TableSource(file),
            options: TableReadingOptions(blockBytes: 100)
        )
        let batch = try #require(try reader.next())
        #expect(batch["id"]?.shown(at: 0) == "0")
    }

    @Test func aHeaderAloneIsATableWithoutRows() throws {
        let file = try folder.write("t.csv", "a,b\n")
        let table = try TableSource(file).contents([ColumnRequest("a", type: .int32), "b"])
        #expect(table.rowCount == 0)
    }

    @Test func gzipIsUnpacked() throws {
        // `printf 'a,b\n1,x\n2,y\n' | gzip -n`, and once more `3,z\n` as a second member.
        let members = [
            "H4sIAAAAAAAAA0vUSeIy1KngMtKp5AIAwpZ+nQwAAAA=", "H4sIAAAAAAAAAzPWqeICALVPiMcEAAAA",
        ]
        let data = members.compactMap { Data(base64Encoded: $0) }.reduce(Data(), +)
        for name in ["t.csv.gz", "t.csv"] {
            let table = try TableSource(try folder.write(name, data)).contents()
            #expect(table.columns["a"] == ["1", "2", "3"])
            #expect(table.columns["b"] == ["x", "y", "z"])
        }
    }
}
