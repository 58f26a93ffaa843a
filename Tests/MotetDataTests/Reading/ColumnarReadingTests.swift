import MotetData
import Testing

@Suite("Parquet and Arrow reading") struct ColumnarReadingTests {
    /// What `make_tables.py` wrote.
    static let expected: [String: [String?]] = [
        "i8": ["1", "-2", nil, "4", "5"],
        "u16": ["1", "65535", "3", nil, "5"],
        "i32": ["1", "2", "-3", "4", nil],
        "i64": ["1", nil, "3000000000", "4", "5"],
        "half": ["0.5", nil, "1.5", "2.0", "2.5"],
        "f32": ["0.5", nil, "nan", "inf", "2.5"],
        "f64": ["0.1", "0.2", nil, "-0.4", "1e+300"],
        "decimal": ["1.0", "2.0", nil, "4.0", "5.0"],
        "flag": ["true", "false", nil, "true", "true"],
        "text": ["a", "", nil, "déjà", "long enough to leave the inline form"],
        "large_text": ["x", "y", nil, "x", "z"],
        "day": ["0", "86400000000", nil, "1609459200000000", "-86400000000"],
        "time": ["0", "1500000", nil, "3000", "-1000"],
        "items": ["[1, 2, 3]", "[]", nil, "[4]", "[5, 6]"],
        "scores": ["[0.5]", nil, "[1.5, 2.5]", "[]", "[3.5]"],
        "names": ["[a, b]", "[]", "[c]", nil, "[nil, d]"],
        "category": ["red", "blue", nil, "red", "green"],
    ]

    static let types: [String: ColumnType] = [
        "i8": .int8, "u16": .uint16, "i32": .int32, "i64": .int64, "half": .float32,
        "f32": .float32, "f64": .float64, "decimal": .float64, "flag": .boolean, "text": .string,
        "large_text": .string, "day": .timestamp, "time": .timestamp, "items": .list(.int32),
        "scores": .list(.float64), "names": .list(.string), "category": .dictionary,
    ]

    @Test(arguments: ["table.parquet", "table.arrow", "table.arrows", "table.feather"])
    func everyTypeIsRead(name: String) throws {
        let source = TableSource(goldenData(name))
        for column in try source.columns() {
            #expect(column.type == Self.types[column.name], "\(column.name)")
        }
        let table = try source.contents()
        #expect(table.rowCount == 5)
        for (column, values) in table.columns {
            #expect(values == Self.expected[column], "\(column)")
        }
    }

    @Test func batchesAreAsSmallAsAskedFor() throws {
        let source = TableSource(goldenData("table.parquet"))
        let table = try source.contents(
            ["i32", "names"],
            options: TableReadingOptions(batchRows: 2)
        )
        #expect(table.places == ["table.parquet:0", "table.parquet:2", "table.parquet:4"])
        #expect(table.columns["i32"] == Self.expected["i32"])
        #expect(table.columns["names"] == Self.expected["names"])
    }

    @Test func severalFilesAreOneTable() throws {
        let folder = try TemporaryFolder()
        for name in ["b.csv", "a.csv", "deep/c.csv", "_SUCCESS", ".hidden.csv", "notes.txt"] {
            _ = try folder.write(name, "x,y\n\(name),\(name.count)\n")
        }
        let table = try TableSource(folder.path).contents()
        #expect(table.columns["x"] == ["a.csv", "b.csv", "deep/c.csv"])
        #expect(table.places == ["a.csv:0", "b.csv:0", "c.csv:0"])
        let matched = try TableSource(folder.path + "/?.csv").contents()
        #expect(matched.columns["x"] == ["a.csv", "b.csv"])
    }

    @Test(arguments: ["text", "large_text", "category"])
    func textsCanBeReadAsDictionaryOrPlain(name: String) throws {
        for file in ["table.parquet", "table.arrow"] {
            for type in [ColumnType.dictionary, .string] {
                let reader = try TableReader(
                    TableSource(goldenData(file)),
                    columns: [ColumnRequest(name, type: type)]
                )
                var values: [String?] = []
                while let batch = try reader.next() {
                    let column = try batch.column(name)
                    #expect(column.type == type)
                    values += (0..<batch.rowCount).map { column.text(at: $0) }
                }
                #expect(values == Self.expected[name])
            }
        }
    }

    @Test func numbersConvertInBulk() throws {
        let reader = try TableReader(TableSource(goldenData("table.parquet")))
        let batch = try #require(try reader.next())
        for name in ["i8", "u16", "i32", "i64", "f32", "f64", "decimal", "flag"] {
            let column = try batch.column(name)
            var floats = [Float](repeating: 0, count: batch.rowCount)
            var doubles = [Double](repeating: 0, count: batch.rowCount)
            floats.withUnsafeMutableBufferPointer { column.copyFloats(into: $0, missing: -9) }
            doubles.withUnsafeMutableBufferPointer { column.copyDoubles(into: $0, missing: -9) }
            for row in 0..<batch.rowCount {
                let number = column.number(at: row) ?? -9
                #expect(doubles[row] == number || number.isNaN, "\(name) \(row)")
                #expect(floats[row] == Float(number) || number.isNaN, "\(name) \(row)")
            }
        }
        var integers = [Int64](repeating: 0, count: batch.rowCount)
        let (wide, whole, broken) = (
            try batch.column("i64"), try batch.column("decimal"), try batch.column("f32")
        )
        integers.withUnsafeMutableBufferPointer { destination in
            #expect(wide.copyIntegers(into: destination, missing: -9) == nil)
            #expect(destination[1] == -9)
            #expect(whole.copyIntegers(into: destination) == nil)
            #expect(broken.copyIntegers(into: destination) == 0)
        }
        #expect(wide.nullCount == 1)
    }

    @Test func typesAskedForAreConverted() throws {
        let source = TableSource(goldenData("table.parquet"))
        let table = try source.contents([
            ColumnRequest("i64", type: .float32), ColumnRequest("decimal", type: .int32),
            ColumnRequest("i8", type: .string), ColumnRequest("items", type: .list(.int64)),
        ])
        #expect(table.columns["i64"] == ["1.0", nil, "3e+09", "4.0", "5.0"])
        #expect(table.columns["decimal"] == ["1", "2", nil, "4", "5"])
        #expect(table.columns["i8"] == ["1", "-2", nil, "4", "5"])
        #expect(table.columns["items"] == Self.expected["items"])
    }

    @Test func aValueThatDoesNotConvertIsFoundByItsRow() throws {
        let source = TableSource(goldenData("table.parquet"))
        for batchRows in [1, 2, 5] {
            let error = #expect(throws: TableError.self) {
                try source.contents(
                    [ColumnRequest("i64", type: .int32)],
                    options: TableReadingOptions(batchRows: batchRows)
                )
            }
            #expect(
                error?.description.hasSuffix(
                    "table.parquet, row 3, column \"i64\": not an integer of this type; expected an "
                        + "Int32; received \"3000000000\"."
                ) == true
            )
        }
    }

    @Test func rowsHaveAPlace() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("t.csv", "a,b\n1,\"x\ny\"\n\n2,z\n")
        let reader = try TableReader(TableSource(file))
        let batch = try #require(try reader.next())
        #expect(reader.place(ofRow: 0, in: batch) == "\(file):2")
        #expect(reader.place(ofRow: 1, in: batch) == "\(file):5")
        let parquet = try TableReader(TableSource(goldenData("table.parquet")))
        let rows = try #require(try parquet.next())
        #expect(parquet.place(ofRow: 1, in: rows).hasSuffix("table.parquet, row 2"))
    }
}
