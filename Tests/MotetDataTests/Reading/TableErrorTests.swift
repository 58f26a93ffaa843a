import Foundation
import MotetCore
import MotetData
import Testing

@Suite("Table errors") struct TableErrorTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The code and sentence of reading all of a source, with the folder's path left out.
    func failure(_ source: TableSource, _ columns: [ColumnRequest]? = nil) -> (ErrorCode, String)? {
        do {
            _ = try source.contents(columns, options: TableReadingOptions(blockBytes: 256))
            return nil
        } catch let error as TableError {
            let text = error.description.replacingOccurrences(of: folder.path + "/", with: "")
            return (error.code, text)
        } catch {
            return nil
        }
    }

    func expect(
        _ failure: (ErrorCode, String)?,
        _ code: ErrorCode,
        _ sentence: String,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) {
        #expect(failure?.0 == code, sourceLocation: sourceLocation)
        #expect(failure?.1 == sentence, sourceLocation: sourceLocation)
    }

    /// 1,100 rows of an integer, a float and a text, with one row replaced.
    func table(row: Int, _ replacement: String) throws -> TableSource {
        var rows = (0..<1100).map { "\($0),\($0).5,\"text\n\($0)\"" }
        rows[row] = replacement
        let file = try folder.write("train.csv", "id,price,name\n" + rows.joined(separator: "\n"))
        return TableSource(file)
    }

    @Test func aMissingFileIsNamed() throws {
        _ = try folder.write("train.csv", "a\n1\n")
        expect(
            failure(TableSource(folder.path + "/trian.csv")),
            .fileMissing,
            "trian.csv: no such file; expected a table to read. Did you mean `train.csv`?"
        )
        expect(
            failure(TableSource(folder.path + "/*.parquet")),
            .fileMissing,
            "*.parquet: no file matches the pattern; expected at least 1 table. Check the path."
        )
        #expect(failure(TableSource([]))?.0 == .fileMissing)
    }

    @Test func anEmptyFileIsNamed() throws {
        let empty = try folder.write("empty.csv", "")
        expect(
            failure(TableSource(empty)),
            .fileEmpty,
            "empty.csv: file is empty; expected a table; received 0 bytes."
        )
        let blank = try folder.write("blank.csv", "\n\n")
        expect(
            failure(TableSource(blank)),
            .fileEmpty,
            "blank.csv: file is empty; expected a header line and rows; received no text."
        )
    }

    @Test(arguments: [
        ("7,1.5", "train.csv:2002: row has 2 fields; expected 3, as in the header."),
        (
            "7,1,5,x",
            "train.csv:2002: row has 4 fields; expected 3, as in the header. Put values that hold "
                + "the separator in quotes."
        ),
    ])
    func aRowOfAnotherLengthIsFoundByItsLine(row: String, sentence: String) throws {
        expect(failure(try table(row: 1000, row)), .rowLength, sentence)
    }

    @Test func aTextAmongNumbersIsFoundByItsLine() throws {
        expect(
            failure(
                try table(row: 1000, "7,\"12,50\",x"),
                [ColumnRequest("price", type: .float32)]
            ),
            .valueType,
            "train.csv:2002, column \"price\": not a number; expected a finite Float; received "
                + "\"12,50\". Set `decimal: comma` if that is the separator."
        )
        expect(
            failure(
                try table(row: 1000, "7,cheap,x"),
                [ColumnRequest("price", type: .float32)]
            ),
            .valueType,
            "train.csv:2002, column \"price\": not a number; expected a finite Float; received "
                + "\"cheap\"."
        )
        expect(
            failure(
                try table(row: 1000, "3000000000,1,x"),
                [ColumnRequest("id", type: .int32), "price"]
            ),
            .valueType,
            "train.csv:2002, column \"id\": not an integer of this type; expected an Int32; "
                + "received \"3000000000\"."
        )
        expect(
            failure(
                try table(row: 1000, "7,1,x"),
                [ColumnRequest("name", type: .timestamp)]
            ),
            .valueType,
            "train.csv:2, column \"name\": not a time; expected a time such as "
                + "\"2020-01-31 12:00:00\"; received \"text\n0\"."
        )
    }

    @Test func onlyTheColumnsAskedForMustFit() throws {
        let source = try table(row: 1000, "x,cheap,y")
        #expect(failure(source, ["name"]) == nil)
    }

    @Test func anInferredTypeThatFailsLaterSaysSo() throws {
        // Beyond the 4 MiB that types are inferred from.
        var text = "id,price\n"
        text += String(repeating: "1000000,2\n", count: 450_000)
        text += "1000000,2.5\n"
        let file = try folder.write("train.csv", text)
        expect(
            failure(TableSource(file)),
            .valueType,
            "train.csv:450002, column \"price\": not an integer of this type; expected an Int64; "
                + "received \"2.5\". The type was taken from the first rows: declare another if it "
                + "is wrong."
        )
    }

    @Test func aNameInAnotherEncodingIsFound() throws {
        let data = Data("id,pr".utf8) + [0xE9] + Data("nom\n1,a\n".utf8)
        expect(
            failure(TableSource(try folder.write("train.csv", data))),
            .columnNames,
            "train.csv, column 2: the name is not valid UTF-8; expected names in UTF-8; received "
                + "another encoding. Convert the file to UTF-8."
        )
    }

    @Test func textInAnotherEncodingIsFound() throws {
        var data = Data("id,name\n1,a\n2,".utf8)
        data.append(contentsOf: [0xE9, 0x0A])
        let file = try folder.write("train.csv", data)
        expect(
            failure(TableSource(file), [ColumnRequest("name", type: .string)]),
            .valueType,
            "train.csv:3, column \"name\": not valid UTF-8; expected text in UTF-8; received "
                + "another encoding. Convert the file to UTF-8."
        )
    }

    @Test func anUnknownColumnGetsASuggestion() throws {
        expect(
            failure(try table(row: 0, "1,2,3"), ["prise"]),
            .columnUnknown,
            "train.csv, column \"prise\": no such column; expected one of id, price, name. Did you "
                + "mean `price`?"
        )
    }

    @Test func filesOfOneTableNeedItsColumns() throws {
        let first = try folder.write("a.csv", "id,price\n1,2\n")
        let second = try folder.write("b.csv", "id,cost\n1,2\n")
        expect(
            failure(TableSource([first, second])),
            .columnUnknown,
            "b.csv, column \"price\": no such column; expected one of id, cost."
        )
    }

    @Test func headersMustBeClear() throws {
        let doubled = try folder.write("a.csv", "id,id\n1,2\n")
        expect(
            failure(TableSource(doubled)),
            .columnNames,
            "a.csv, column \"id\": name is taken; expected each column name once; received it "
                + "twice. Give other column names."
        )
        let three = try folder.write("b.csv", "1,2,3\n")
        let options = CSVOptions(hasHeader: false, columnNames: ["a", "b"])
        expect(
            failure(TableSource(three, csv: options)),
            .columnNames,
            "b.csv:1: column names do not fit the file; expected a name for each of the 3 fields; "
                + "received 2 names."
        )
    }

    @Test func anUnknownFormatIsNamed() throws {
        let file = try folder.write("train.txt", "a\n1\n")
        expect(
            failure(TableSource(file)),
            .tableFormat,
            "train.txt: format is unknown; expected a name that ends in .csv, .tsv, .csv.gz, "
                + ".tsv.gz, .parquet, .arrow or .feather. Set `format` to csv, parquet or arrow."
        )
        #expect(failure(TableSource(file, format: .csv)) == nil)
    }

    @Test(arguments: ["table.parquet", "table.arrow", "table.arrows", "table.feather"])
    func aTruncatedFileIsDamaged(name: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: goldenData(name)))
        for size in [1, 7, data.count / 2, data.count - 9] {
            let file = try folder.write("cut-" + name, data.prefix(size))
            let failure = try #require(self.failure(TableSource(file)), "\(size) bytes of \(name)")
            #expect(failure.0 == .fileDamaged)
            #expect(failure.1.hasPrefix("cut-\(name): file is damaged or not in "))
        }
    }

    @Test func aTruncatedGzipFileIsDamaged() throws {
        let gzip = "H4sIAAAAAAAAA0vUSeIy1KngMtKp5AIAwpZ+nQwAAAA="
        let data = try #require(Data(base64Encoded: gzip))
        let file = try folder.write("cut.csv.gz", data.prefix(24))
        #expect(failure(TableSource(file))?.0 == .fileDamaged)
    }

    @Test func nestedColumnsAreLeftToTheUser() throws {
        let source = TableSource(goldenData("nested.parquet"))
        let sentence = failure(source)?.1 ?? ""
        #expect(sentence.contains("column \"pair\": type cannot be read; expected numbers, text"))
        #expect(try source.contents(["id"]).columns["id"] == ["1", "2"])
    }

    @Test func optionsAreChecked() throws {
        let file = try folder.write("t.csv", "a\n1\n")
        #expect(failure(TableSource(file, csv: CSVOptions(delimiter: "é")))?.0 == .tableOption)
        #expect(failure(TableSource(file, csv: CSVOptions(skippedLines: -1)))?.0 == .tableOption)
        expect(
            failure(TableSource(file, csv: CSVOptions(skippedLines: 9))),
            .fileEmpty,
            "t.csv: file ends within the skipped lines; expected more than 9 lines; received 2."
        )
    }
}
