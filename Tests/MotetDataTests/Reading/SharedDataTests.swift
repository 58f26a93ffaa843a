import Foundation
import MotetData
import Testing

/// The folder of real data sets: `MOTET_SHARED_DATA`, or `shared/data` beside the package.
private let sharedData: String? = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let beside = package.deletingLastPathComponent().appendingPathComponent("shared/data").path
    let path = ProcessInfo.processInfo.environment["MOTET_SHARED_DATA"] ?? beside
    return FileManager.default.fileExists(atPath: path) ? path : nil
}()

@Suite(
    "Reading real data",
    .enabled(
        if: sharedData != nil,
        "set MOTET_SHARED_DATA to a folder with census_income, xmarket and the other data sets"
    )
)
struct SharedDataTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var file: String
        var format: TableFormat?
        var options = CSVOptions()
        var rowCount: Int
        var types: [String: ColumnType]
        var testDescription: String { file }
    }

    @Test(arguments: [
        Case(
            file: "census_income/census-income.test.gz",
            format: .csv,
            options: CSVOptions(hasHeader: false, nullSpellings: ["?"], trimsSpaces: true),
            rowCount: 99_762,
            types: ["column_1": .int64, "column_2": .string, "column_25": .float64]
        ),
        Case(
            file: "xmarket/xmarket_all.tsv.gz",
            rowCount: 427_412,
            types: ["market": .string, "rating": .float64]
        ),
        Case(
            file: "online_retail/online_retail.csv.gz",
            rowCount: 541_909,
            types: [
                "InvoiceNo": .string, "InvoiceDate": .timestamp, "UnitPrice": .float64,
                "Quantity": .int64,
            ]
        ),
        Case(
            file: "online_shoppers/online_shoppers_intention.csv.gz",
            rowCount: 12_330,
            types: ["Revenue": .boolean, "Month": .string]
        ),
    ])
    func everyRowIsRead(table: Case) throws {
        let path = try #require(sharedData) + "/" + table.file
        let source = TableSource(path, format: table.format, csv: table.options)
        let reader = try TableReader(source)
        for (name, type) in table.types {
            #expect(reader.schema.first { $0.name == name }?.type == type, "\(name)")
        }
        var rowCount = 0
        while let batch = try reader.next() { rowCount += batch.rowCount }
        #expect(rowCount == table.rowCount)
    }
}
