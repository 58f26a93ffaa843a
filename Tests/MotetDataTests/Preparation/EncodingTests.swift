import Foundation
import Testing

@testable import MotetData

@Suite("Encoding") struct EncodingTests {
    @Test func categoriesAreNumberedByFrequency() throws {
        let schema = Schema(features: [FeatureSpecification("c", kind: .categorical)])
        // b three times, a and c twice (a first), d once, one missing.
        let splits = try PreparationHarness().prepare(
            schema,
            "c,x\na,1\nb,1\nb,1\nc,1\nb,1\na,1\nc,1\nd,1\n,1\n"
        )
        #expect(splits.fitted.vocabularies["c"]?.values == ["b", "a", "c", "d"])
        #expect(try splits.training.integers("c") == [2, 1, 1, 3, 1, 2, 3, 4, 5])
        #expect(splits.fitted.vocabularySize(for: "c") == 6)
        #expect(splits.fitted.missingID(for: "c") == 5)
        #expect(try splits.training.integers("row") == Array(0..<9))
    }

    @Test(arguments: [
        (VocabularySpecification.learned(limit: 2), [1, 1, 2, 2, 0, 0]),
        (.learned(minimumFrequency: 2), [1, 1, 2, 2, 0, 0]),
        (.values(["z", "y", "x", "q"]), [3, 3, 2, 2, 1, 0]),
    ])
    func valuesOutsideTheVocabularyAreUnknown(
        vocabulary: VocabularySpecification,
        expected: [Int32]
    ) throws {
        let schema = Schema(features: [
            FeatureSpecification("c", kind: .categorical, vocabulary: vocabulary)
        ])
        let splits = try PreparationHarness().prepare(schema, "c\nx\nx\ny\ny\nz\nw\n")
        #expect(try splits.training.integers("c") == expected)
        #expect(splits.report.unknownValues.map(\.changed) == [expected.count { $0 == 0 }])
    }

    @Test func hashedValuesNeedNoVocabulary() throws {
        let schema = Schema(features: [
            FeatureSpecification("c", kind: .categorical, vocabulary: .hashed(buckets: 50)),
            FeatureSpecification(
                "h",
                kind: .sequence,
                vocabulary: .shared(with: "c"),
                delimiter: "|"
            ),
        ])
        let splits = try PreparationHarness().prepare(schema, "c,h\n17,a|17\nabc,\n,abc\n")
        func bucket(_ text: String) -> Int32 { Int32(ValueHash.bucket(of: text, buckets: 50)) }
        #expect(try splits.training.integers("c") == [bucket("17"), bucket("abc"), 51])
        #expect(
            try splits.training.lists("h") == [[bucket("a"), bucket("17")], [], [bucket("abc")]]
        )
        #expect(splits.fitted.vocabularySize(for: "c") == 52)
        #expect(splits.fitted.vocabularySize(for: "h") == 52)
        #expect(splits.fitted.vocabularies.isEmpty)
    }

    @Test func sequencesShareTheVocabularyAndKeepTheLast() throws {
        let schema = Schema(features: [
            FeatureSpecification("item", kind: .categorical),
            FeatureSpecification(
                "history",
                kind: .sequence,
                vocabulary: .shared(with: "item"),
                maximumLength: 2,
                delimiter: "|"
            ),
        ])
        let text = "item,history\n5,5|6|7\n6, 6 | 6 \n9,[7]\n5,\n"
        let splits = try PreparationHarness().prepare(schema, text)
        // Kept in history: 6, 7, 6, 6, 7; with the items: 5 twice, 6 four times, 7 twice, 9 once.
        #expect(splits.fitted.vocabulary(of: "history")?.values == ["6", "5", "7", "9"])
        #expect(try splits.training.integers("item") == [2, 1, 4, 2])
        #expect(try splits.training.lists("history") == [[1, 3], [1, 1], [3], []])
    }

    @Test func numbersArePackedInOrder() throws {
        let schema = Schema(features: [
            FeatureSpecification("a", kind: .numeric, transforms: [.minMax]),
            FeatureSpecification("b", kind: .numeric, missing: .ownBucket),
            FeatureSpecification("c", kind: .numeric, transforms: [.quantileBins(2)]),
            FeatureSpecification(
                "d",
                column: "b",
                kind: .numeric,
                transforms: [.log1p],
                missing: .fill(.mean)
            ),
        ])
        let splits = try PreparationHarness().prepare(schema, "a,b,c\n1,10,1\n3,,2\n5,30,3\n")
        #expect(splits.fitted.numericNames == ["a", "b", "b_missing", "d"])
        let mean = Float(logarithm1p(20))
        #expect(
            try splits.training.floats("numeric") == [
                0, 10, 0, Float(logarithm1p(10)), 0.5, 0, 1, mean, 1, 30, 0, Float(logarithm1p(30)),
            ]
        )
        #expect(try splits.training.integers("c") == [1, 2, 2])
        #expect(splits.fitted.vocabularySize(for: "c") == 3)
        #expect(splits.report.missingValues.filter { $0.changed > 0 }.map(\.rule) == ["b", "d"])
    }

    private func logarithm1p(_ value: Double) -> Double { log1p(value) }

    @Test func labelsFollowTheirRules() throws {
        let schema = Schema(
            features: [FeatureSpecification("x", kind: .numeric)],
            labels: [
                LabelSpecification("plain"),
                LabelSpecification("like", column: "rating", rule: .compare(.atLeast, 4)),
                LabelSpecification("rich", column: "income", rule: .oneOf(["50000+."])),
                LabelSpecification("rating", kind: .numeric),
                LabelSpecification("class", column: "income", kind: .multiclass(nil)),
            ]
        )
        let text =
            "x,plain,rating,income\n1,1,4.5, 50000+.\n2,0,3,- 50000.\n3,,,\n4,1,4, 50000+.\n"
        let splits = try PreparationHarness().prepare(schema, text)
        let training = splits.training
        #expect(try training.labels("plain") == ["1.0", "0.0", "-", "1.0"])
        #expect(try training.labels("like") == ["1.0", "0.0", "-", "1.0"])
        #expect(try training.labels("rich") == ["1.0", "0.0", "-", "1.0"])
        #expect(try training.labels("rating") == ["4.5", "3.0", "-", "4.0"])
        #expect(try training.labels("class") == ["0.0", "1.0", "-", "0.0"])
        #expect(splits.fitted.classes["class"] == [" 50000+.", "- 50000."])
    }

    @Test func scenariosWeightsGroupsAndKeptColumnsAreEncoded() throws {
        let schema = Schema(
            features: [FeatureSpecification("x", kind: .numeric)],
            scenario: ScenarioSpecification(column: "m", values: ["s2", "s1"], unknown: .other),
            sampleWeight: "w",
            group: "u",
            keep: ["id"]
        )
        let text = "x,m,w,u,id\n1,s1,1,u9,A\n2,s2,0.5,u3,B\n3,s7,2,u9,A\n4,,1,,C\n"
        let splits = try PreparationHarness().prepare(schema, text)
        #expect(splits.fitted.scenarios == ["s2", "s1", "other"])
        #expect(try splits.training.integers("scenario") == [1, 0, 2, 2])
        #expect(try splits.training.floats("weight") == [1, 0.5, 2, 1])
        #expect(try splits.training.integers("group") == [0, 1, 0, -1])
        #expect(try splits.training.integers("keep/id") == [0, 1, 0, 2])
    }

    @Test func valuesThatAreNoScenarioAreTakenForTheNearestAndCounted() throws {
        let schema = Schema(
            features: [FeatureSpecification("x", kind: .numeric)],
            scenario: ScenarioSpecification(
                column: "m",
                values: ["s2", "s1"],
                unknown: .nearest,
                nearest: "s1"
            )
        )
        let text = "x,m\n1,s1\n2,s2\n3,s7\n4,\n5,s8\n"
        let splits = try PreparationHarness().prepare(schema, text)
        #expect(splits.fitted.scenarios == ["s2", "s1"])
        #expect(try splits.training.integers("scenario") == [1, 0, 1, 1, 1])
        let report = splits.report
        #expect(report.unknownValues.first { $0.rule == "scenario" }?.changed == 2)
        #expect(report.missingValues.first { $0.rule == "scenario" }?.changed == 1)
    }

    @Test func scenariosMayBeTakenFromTheTrainingRows() throws {
        let schema = Schema(
            features: [FeatureSpecification("x", kind: .numeric)],
            scenario: ScenarioSpecification(column: "m")
        )
        let splits = try PreparationHarness().prepare(schema, "x,m\n1,b\n2,10\n3,9\n4,a\n")
        #expect(splits.fitted.scenarios == ["9", "10", "a", "b"])
        #expect(try splits.training.integers("scenario") == [3, 1, 0, 2])
    }

    @Test func missingCategoriesAreFilled() throws {
        let schema = Schema(features: [
            FeatureSpecification("a", kind: .categorical, missing: .fill(.mostFrequent)),
            FeatureSpecification("b", kind: .categorical, missing: .fill(.text("q"))),
            FeatureSpecification(
                "c",
                column: "b",
                kind: .categorical,
                vocabulary: .hashed(buckets: 9),
                missing: .fill(.mostFrequent)
            ),
        ])
        let splits = try PreparationHarness().prepare(schema, "a,b\nx,p\n,q\ny,\ny,p\n")
        #expect(try splits.training.integers("a") == [2, 1, 1, 1])
        #expect(try splits.training.integers("b") == [1, 2, 2, 1])
        let p = Int32(ValueHash.bucket(of: "p", buckets: 9))
        #expect(try splits.training.integers("c")[2] == p)
        #expect(splits.fitted.vocabularySize(for: "a") == 3)
    }

    /// The same rows as Parquet, of every kind of column, and as text.
    @Test func theKindOfFileMakesNoDifference() throws {
        let schema = Schema(
            features: [
                FeatureSpecification("user", kind: .categorical),
                FeatureSpecification("code", kind: .categorical),
                FeatureSpecification(
                    "code_hash",
                    column: "code",
                    kind: .categorical,
                    vocabulary: .hashed(buckets: 1_000)
                ),
                FeatureSpecification("history", kind: .sequence, delimiter: "|"),
                FeatureSpecification("tags", kind: .sequence, delimiter: "|"),
                FeatureSpecification("big", kind: .categorical),
                FeatureSpecification(
                    "big_hash",
                    column: "big",
                    kind: .categorical,
                    vocabulary: .hashed(buckets: 1_000)
                ),
                FeatureSpecification("day", kind: .categorical),
                FeatureSpecification("price", kind: .numeric, missing: .ownBucket),
            ],
            labels: [LabelSpecification("clicked")],
            split: .time(column: "day", validation: nil, test: "2024-01-07")
        )
        let harness = try PreparationHarness()
        let preparer = Preparer(schema: schema, cacheFolder: harness.cache)
        let both = try ["kinds.parquet", "kinds.csv"].map {
            try preparer.prepare(DataSources(training: TableSource(goldenData($0))))
        }
        #expect(both[0].fitted.vocabularies == both[1].fitted.vocabularies)
        #expect(both[0].fitted.vocabularies["big"]?.value(of: 1) == "18446744073709551615")
        #expect(both.map(\.training.rowCount) == [6, 6])
        for part in [DataPart.training, .test] {
            let (parquet, csv) = (try #require(both[0][part]), try #require(both[1][part]))
            #expect(parquet.columns == csv.columns)
            for column in parquet.columns {
                switch column.kind {
                case .int32:
                    #expect(
                        try parquet.integers(column.name) == csv.integers(column.name),
                        "\(column.name)"
                    )
                case .ragged:
                    #expect(
                        try parquet.lists(column.name) == csv.lists(column.name),
                        "\(column.name)"
                    )
                case .bytes:
                    Issue.record("a table has no column of bytes")
                case .float32, .raggedFloat32:
                    #expect(
                        try parquet.floats(column.name).map(\.bitPattern)
                            == csv.floats(column.name).map(\.bitPattern),
                        "\(column.name)"
                    )
                }
            }
        }
        #expect(try both[0].training.lists("history").map(\.count) == [2, 0, 0, 1, 4, 1])
        #expect(
            try both[0].training.labels("clicked") == ["1.0", "0.0", "0.0", "1.0", "0.0", "1.0"]
        )
    }

    @Test func codesInTextKeepTheirZeros() throws {
        let schema = Schema(features: [FeatureSpecification("c", kind: .categorical)])
        let splits = try PreparationHarness().prepare(schema, "c\n007\n7\n007\n")
        #expect(splits.fitted.vocabularies["c"]?.values == ["007", "7"])
    }
}
