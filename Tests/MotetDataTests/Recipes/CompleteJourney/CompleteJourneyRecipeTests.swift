import Foundation
import Testing

@testable import MotetData

@Suite("Complete Journey recipe") struct CompleteJourneyRecipeTests {
    private static let keys = ["week", "household_id", "store_id", "product_id"]

    private func prepare(
        _ tables: JourneyTables,
        rows: Int
    ) throws -> (DatasetReport, TemporaryFolder) {
        let folder = try TemporaryFolder()
        try JourneyFixture.write(tables, to: folder.path)
        let report = try CompleteJourneyRecipe().prepare(
            from: folder.path,
            to: folder.path + "/out",
            options: DatasetOptions(maximumRows: rows, seed: 11)
        )
        return (report, folder)
    }

    private func read(_ folder: TemporaryFolder, _ part: String) throws -> OriginalTable {
        try OriginalTable(
            TableSource("\(folder.path)/out/\(part).parquet"),
            integers: CompleteJourneyRecipeTests.keys + ["bought", "category_id"],
            numbers: ExposureRows.numberColumns + ["quantity", "coupon_used", "weight"],
            texts: ["exposure", "price_source", "product_category", "age"]
        )
    }

    @Test func preparedFilesHoldWhatTheLogHolds() throws {
        let tables = JourneyFixture.tables()
        let (report, folder) = try prepare(tables, rows: 1_000_000)
        let log = JourneyFixture.honestRows(tables)
        var rows: [[Int64]: Int] = [:]
        for row in 0..<log.rowCount {
            rows[CompleteJourneyRecipeTests.keys.map { Int64(log.integers($0)[row]) }] = row
        }
        var count = 0
        for (part, weeks) in [("train", 9...12), ("validation", 13...15), ("test", 16...20)] {
            let table = try read(folder, part)
            #expect(table.integers("week").allSatisfy { weeks.contains(Int($0)) })
            count += table.rowCount
            for row in 0..<table.rowCount {
                let key = CompleteJourneyRecipeTests.keys.map { table.integers($0)[row] }
                let expected = try #require(rows[key])
                for column in ExposureRows.numberColumns + ["quantity", "coupon_used"] {
                    let (one, other) = (
                        Float(table.numbers(column)[row]), log.numbers(column)[expected]
                    )
                    #expect(one == other || one.isNaN && other.isNaN, "\(column)")
                }
                for column in ["exposure", "price_source", "age"] {
                    #expect(table.texts(column).text(row) == log.texts(column)[expected])
                }
                #expect(table.integers("bought")[row] == Int64(log.integers("bought")[expected]))
                #expect(table.numbers("weight")[row] == 1)
            }
        }
        let expected = log.integers("week").count { $0 >= 9 }
        #expect(count == expected)
        #expect(report["exposures (full log)"] == expected)
        #expect(report["exposures (sampled)"] == expected)
        #expect(report["exposures, all weeks"] == log.rowCount)
    }

    @Test func aSmallerSampleKeepsTheBoughtAndWeighsTheRest() throws {
        let tables = JourneyFixture.tables()
        let (all, _) = try prepare(tables, rows: 1_000_000)
        let bought = try #require(all["bought (full log)"])
        let exposures = try #require(all["exposures (full log)"])
        // Room for a third of the others, and for the five standard deviations the rule leaves free.
        let rows = bought + (exposures - bought) / 3 + 200
        let (report, folder) = try prepare(tables, rows: rows)
        #expect(report["bought (sampled)"] == bought)
        #expect(report["exposures (full log)"] == exposures)
        let sampled = try #require(report["exposures (sampled)"])
        #expect(sampled < exposures)
        #expect(sampled <= rows)
        let weights = try RecipePart.allCases.flatMap { part in
            let table = try read(folder, part.rawValue)
            return zip(table.integers("bought"), table.numbers("weight")).map { ($0, $1) }
        }
        let interval = try #require(weights.map(\.1).max())
        #expect(interval > 1)
        #expect(weights.allSatisfy { $0.1 == ($0.0 == 1 ? 1 : interval) })
        // Five standard deviations of the estimated number of rows.
        let estimate = weights.reduce(0) { $0 + $1.1 }
        let deviation = (Double(exposures - bought) * (interval - 1)).squareRoot()
        #expect(abs(estimate - Double(exposures)) < 5 * deviation)
    }

    @Test func theSameSeedWritesTheSameBytes() throws {
        let tables = JourneyFixture.tables()
        let (_, one) = try prepare(tables, rows: 1_000_000)
        let (_, other) = try prepare(tables, rows: 1_000_000)
        for name in ["train.parquet", "validation.parquet", "test.parquet", "experiment.yaml"] {
            let files = [one, other].map {
                FileManager.default.contents(atPath: "\($0.path)/out/\(name)")
            }
            #expect(files[0] != nil && files[0] == files[1], "\(name)")
        }
    }

    @Test func tooFewRowsForTheBoughtIsSaid() throws {
        let error = #expect(throws: DatasetError.self) {
            try prepare(JourneyFixture.tables(), rows: 20)
        }
        #expect(error?.code == .datasetOption)
        #expect(error?.description.contains("received 20") == true)
    }

    @Test func productsThatAreNotDescribedAreUnknown() throws {
        let folder = try TemporaryFolder()
        let tables = JourneyFixture.tables()
        try JourneyFixture.write(tables, to: folder.path)
        var fewer = tables
        fewer.products.ids = Array(tables.products.ids.dropLast(2))
        fewer.products.department.codes.removeLast(2)
        let writer = try TableWriter(
            path: folder.path + "/products.parquet",
            columns: ["product_id", "manufacturer_id"].map {
                ColumnDescription(name: $0, type: .int64)
            }
                + ["department", "brand", "product_category", "product_type", "package_size"]
                .map { ColumnDescription(name: $0, type: .string) }
        )
        let ids = fewer.products.ids.map { Int64($0) }
        let words = TableValues.string(ids.map { "word \($0 % 3)" })
        try writer.append(
            [.int64(ids), .int64(ids.map { $0 % 5 })] + Array(repeating: words, count: 5)
        )
        try writer.finish()
        let report = try CompleteJourneyRecipe().prepare(
            from: folder.path,
            to: folder.path + "/out"
        )
        #expect(report["products"] == JourneyFixture.productCount)
        #expect(report["products bought or promoted but not described"] == 2)
        let table = try read(folder, "train")
        for row in 0..<table.rowCount {
            let isDescribed = ids.contains(table.integers("product_id")[row])
            #expect((table.texts("product_category").text(row) == "unknown") == !isDescribed)
        }
    }

    @Test func aPlaceThatIsNoPlaceIsSaid() throws {
        let folder = try TemporaryFolder()
        try JourneyFixture.write(JourneyFixture.tables(), to: folder.path)
        let writer = try TableWriter(
            path: folder.path + "/promotions.parquet",
            columns: ["product_id", "store_id", "week"].map {
                ColumnDescription(name: $0, type: .int64)
            }
                + ["display_location", "mailer_location"]
                .map { ColumnDescription(name: $0, type: .string) }
        )
        try writer.append([
            .int64([1]), .int64([31]), .int64([2]), .string(["shelf"]), .string(["A"]),
        ])
        try writer.finish()
        let error = #expect(throws: DatasetError.self) {
            try CompleteJourneyRecipe().prepare(from: folder.path, to: folder.path + "/out")
        }
        #expect(error?.code == .datasetContent)
        #expect(error?.description.contains("received `shelf`") == true)
    }
}
