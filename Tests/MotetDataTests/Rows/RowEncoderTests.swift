import Foundation
import MotetCore
import Testing

@testable import MotetData

@Suite("Rows in memory") struct RowEncoderTests {
    /// A schema of every kind of feature, fitted to a few rows.
    private func fitted(_ change: (inout Schema) -> Void = { _ in }) throws -> FittedSchema {
        var schema = Schema(
            features: [
                FeatureSpecification("brand", kind: .categorical),
                FeatureSpecification("item", kind: .categorical, vocabulary: .hashed(buckets: 50)),
                FeatureSpecification(
                    "seen",
                    kind: .sequence,
                    vocabulary: .shared(with: "brand"),
                    maximumLength: 2,
                    delimiter: " "
                ),
                FeatureSpecification("price", kind: .numeric, transforms: [.log1p]),
                FeatureSpecification(
                    "age",
                    kind: .numeric,
                    transforms: [.quantileBins(2)],
                    missing: .ownBucket
                ),
            ],
            scenario: ScenarioSpecification(column: "place", values: ["home", "mail"])
        )
        change(&schema)
        let folder = NSTemporaryDirectory() + "/motet-rows-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/train.csv"
        try """
        brand,item,seen,price,age,place
        acme,1,acme bolt,1,10,home
        bolt,2,,2,20,mail
        12,3,12,3,30,home

        """.write(toFile: file, atomically: true, encoding: .utf8)
        let splits = try Preparer(schema: schema, cacheFolder: folder + "/cache")
            .prepare(DataSources(training: TableSource(file)))
        return splits.fitted
    }

    private let names: Set<String> = ["brand", "item", "seen", "numeric", "age", "scenario"]

    private func encode(
        _ fitted: FittedSchema,
        _ columns: [String: RawRows.Column],
        count: Int = 1
    ) throws -> PreparedDataset {
        try RowEncoder(fitted).encode(RawRows(count: count, columns: columns), into: names)
    }

    @Test func valuesGetTheIDsOfTheVocabularyWhateverTheirSpelling() throws {
        let fitted = try fitted()
        let ids = try #require(fitted.vocabulary(of: "brand")).ids()
        let values: [RawValue] = [
            .text("acme"), .text("12"), .integer(12), .number(12), .text("012"), .text("new"),
            .missing, .text(""), .boolean(true),
        ]
        let dataset = try encode(
            fitted,
            ["brand": .each(values), "price": .same(.integer(1)), "place": .same(.text("home"))],
            count: values.count
        )
        let (acme, twelve) = (try #require(ids["acme"]), try #require(ids["12"]))
        let missing = try #require(fitted.missingID(for: "brand"))
        #expect(
            try dataset.withIntegers("brand") { Array($0) }
                == [acme, twelve, twelve, twelve, 0, 0, missing, missing, 0]
        )
    }

    @Test func listsKeepTheirLastValuesAndLeaveMissingOnesOut() throws {
        let fitted = try fitted()
        let ids = try #require(fitted.vocabulary(of: "brand")).ids()
        let lists: [RawValue] = [
            .list([.text("acme"), .text("bolt"), .integer(12)]), .list([]), .missing,
            .list([.missing, .text("acme"), .text("new")]),
        ]
        let dataset = try encode(
            fitted,
            ["seen": .each(lists), "price": .same(.integer(1)), "place": .same(.text("home"))],
            count: 4
        )
        try dataset.withRagged("seen") { values, offsets in
            #expect(Array(offsets) == [0, 2, 2, 2, 4])
            #expect(Array(values) == [ids["bolt"], ids["12"], ids["acme"], 0])
        }
    }

    @Test func aValueForAllRowsIsThatOfEach() throws {
        let fitted = try fitted()
        let columns: [String: RawValue] = [
            "brand": .text("bolt"), "item": .integer(2), "seen": .list([.text("acme")]),
            "price": .number(2.5), "age": .integer(25), "place": .text(" mail "),
        ]
        let same = try encode(fitted, columns.mapValues { .same($0) }, count: 3)
        let each = try encode(fitted, columns.mapValues { .each([$0, $0, $0]) }, count: 3)
        for (left, right) in zip(same.values, each.values) {
            #expect(Array(left.bytes) == Array(right.bytes))
        }
        #expect(try same.withIntegers("scenario") { Array($0) } == [1, 1, 1])
        #expect(
            try same.withIntegers("item") { $0[0] } == Int32(ValueHash.bucket(of: "2", buckets: 50))
        )
        #expect(try same.withFloats("numeric") { $0[0] } == Float(Foundation.log1p(2.5)))
    }

    @Test func mistakesNameRowAndColumn() throws {
        let fitted = try fitted()
        let good: [String: RawRows.Column] = [
            "price": .each([.integer(1), .integer(2)]), "place": .same(.text("home")),
        ]
        func mistake(_ column: String, _ value: RawValue) -> PreparationError? {
            var columns = good
            columns[column] = .each([good[column]?[0] ?? .missing, value])
            do {
                _ = try encode(fitted, columns, count: 2)
                return nil
            } catch { return error as? PreparationError }
        }
        for (column, value, code) in [
            ("price", RawValue.missing, "missing_value"), ("price", .text("2"), "wrong_type"),
            ("price", .list([]), "wrong_type"), ("price", .integer(-1), "out_of_range"),
            ("price", .number(.infinity), "infinite_value"), ("brand", .list([]), "wrong_type"),
            ("seen", .text("a b"), "wrong_type"), ("seen", .list([.list([])]), "wrong_type"),
            ("place", .text("hme"), "unknown_scenario"), ("place", .missing, "unknown_scenario"),
        ] {
            let error = try #require(mistake(column, value), "\(column) \(value)")
            #expect(error.code.rawValue == code, "\(column) \(value)")
            #expect(error.row == 1, "\(column) \(value)")
            #expect(error.column == column, "\(column) \(value)")
            #expect(error.description.hasPrefix("row 1, "), "\(error)")
        }
        #expect(mistake("price", .integer(3)) == nil)
    }

    @Test func aBatchGroupsTheRowsOfAScenario() throws {
        let dataset = try encode(
            try fitted(),
            [
                "price": .each([.integer(1), .integer(2), .integer(3)]),
                "place": .each([.text("mail"), .text("home"), .text("mail")]),
            ],
            count: 3
        )
        let batch = try dataset.batch(["numeric"], scenarioCount: 2)
        #expect(Array(batch.rows) == [1, 0, 2])
        #expect(
            batch.tensor("numeric")?.floats
                == [2.0, 1, 3].map { (value: Double) in Float(Foundation.log1p(value)) }
        )
        #expect(batch.tensor("scenario_offsets")?.integers == [0, 1, 3, 3])
    }

    @Test func manyThreadsLookUpAtOnce() async throws {
        let encoder = try RowEncoder(fitted())
        let rows = RawRows(
            count: 2,
            columns: [
                "brand": .each([.text("acme"), .text("nobody")]), "price": .same(.integer(1)),
                "place": .same(.text("home")),
            ]
        )
        let names = names
        let expected = try encoder.encode(rows, into: names).withIntegers("brand") { Array($0) }
        try await withThrowingTaskGroup(of: [Int32].self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try encoder.encode(rows, into: names).withIntegers("brand") { Array($0) }
                }
            }
            for try await ids in group { #expect(ids == expected) }
        }
    }

    @Test func lookingUpFindsWhatWasNumberedAndAddsNothing() throws {
        let interner = Interner()
        let integers: [Int64] = [0, 1, 5000, -7, 999_999_999_999_999_999, .max, .min]
        var codes: [String: Int32] = [:]
        for value in integers.map({ "\($0)" }) + ["a", "b c", "007", "1.5", "\u{e9}"] {
            codes[value] = try interner.code(of: value)
        }
        for (value, code) in codes { #expect(interner.find(value) == code, "\(value)") }
        for value in integers { #expect(interner.find(value) == codes["\(value)"], "\(value)") }
        for value in ["", "c", "2", "07", "-1", "9223372036854775806"] {
            #expect(interner.find(value) == nil, "\(value)")
        }
        #expect(interner.find(4999) == nil)
        #expect(Interner().find("a") == nil)
        #expect(Interner().find(3) == nil)
        #expect(interner.count == codes.count)
    }
}
