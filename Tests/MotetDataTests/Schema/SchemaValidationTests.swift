import Foundation
import Testing

@testable import MotetData

@Suite("Schema validation") struct SchemaValidationTests {
    static let features: [(FeatureSpecification, String)] = [
        (
            FeatureSpecification("h", kind: .categorical, maximumLength: 5),
            "feature \"h\": 'maximum_length' is for sequences; expected a feature of type sequence; "
                + "received categorical."
        ),
        (
            FeatureSpecification("c", kind: .categorical, transforms: [.log1p]),
            "feature \"c\": 'transform' is for numbers; expected a feature of type numeric; "
                + "received categorical."
        ),
        (
            FeatureSpecification("n", kind: .numeric, transforms: [.quantileBins(4), .log1p]),
            "feature \"n\": a transform follows quantile bins; expected them last, as they make "
                + "ids; received 1 more."
        ),
        (
            FeatureSpecification("c", kind: .categorical, missing: .fill(.mean)),
            "feature \"c\": categories have no mean or median; expected a value or most_frequent; "
                + "received mean."
        ),
        (
            FeatureSpecification("n", kind: .numeric, missing: .fill(.text("x"))),
            "feature \"n\": a text fills a missing number; expected a number, mean, median or "
                + "most_frequent; received fill x."
        ),
        (
            FeatureSpecification("c", kind: .categorical, vocabulary: .hashed(buckets: 0)),
            "feature \"c\": 'hash_buckets' is out of range; expected 1 ... 2147483645; received 0."
        ),
        (
            FeatureSpecification("c", kind: .categorical, vocabulary: .values(["x", "x"])),
            "feature \"c\": a vocabulary value is given twice; expected values that differ; "
                + "received 1 repeated."
        ),
        (
            FeatureSpecification("weight", kind: .categorical),
            "feature \"weight\": the name is taken by another prepared column; expected a name "
                + "without `/` other than weight, scenario, group, row; received `weight`."
        ),
        (
            FeatureSpecification("s", kind: .sequence, delimiter: "||"),
            "feature \"s\": 'delimiter' is no single character; expected one ASCII character; "
                + "received `||`."
        ),
    ]

    private func schema(_ features: FeatureSpecification...) -> Schema {
        Schema(features: features)
    }

    @Test func everyProblemIsToldAtOnce() {
        let schema = Schema(
            features: [
                FeatureSpecification("a", kind: .categorical, vocabulary: .learned(limit: 0)),
                FeatureSpecification("a", kind: .numeric, transforms: [.quantileBins(1)]),
                FeatureSpecification("h", kind: .sequence, vocabulary: .shared(with: "item")),
            ],
            labels: [LabelSpecification("click", kind: .multiclass(["x"]))],
            cleaning: [.range(column: "p", minimum: 3, maximum: 1, action: .drop)],
            split: .fraction(validation: 0.5, test: 0.5, seed: 1)
        )
        #expect(
            schema.problems() == [
                "feature \"a\": given twice; expected names that differ; received `a` again.",
                "feature \"a\": 'vocabulary' is out of range; expected at least 1; received 0.",
                "feature \"a\": too few quantile bins; expected at least 2; received 1.",
                "feature \"h\": it shares the table of a feature there is not; expected another "
                    + "feature; received `item`.",
                "label \"click\": too few classes; expected at least 2; received 1.",
                "cleaning rule \"p outside [3, 1] (drop)\": the range is empty; expected minimum <= "
                    + "maximum; received 3 > 1.",
                "split: the fractions leave nothing to train on, or set nothing apart; expected 0 < "
                    + "validation + test < 1, neither negative; received validation 0.5 and test "
                    + "0.5.",
            ]
        )
        #expect(throws: SchemaError(schema.problems())) { try schema.validate() }
    }

    @Test(arguments: Self.features)
    func aFeatureIsChecked(feature: FeatureSpecification, sentence: String) {
        #expect(schema(feature).problems() == [sentence])
    }

    @Test func sharingASharedTableNamesTheOwner() {
        let schema = schema(
            FeatureSpecification("item", kind: .categorical),
            FeatureSpecification("last", kind: .categorical, vocabulary: .shared(with: "item")),
            FeatureSpecification("all", kind: .sequence, vocabulary: .shared(with: "last"))
        )
        #expect(
            schema.problems() == [
                "feature \"all\": it shares a table that is itself shared; expected the feature "
                    + "that owns it; received `last`. Write `shares: item`."
            ]
        )
    }

    @Test func misspeltColumnsAreSuggested() {
        let schema = Schema(
            features: [FeatureSpecification("price", column: "prise", kind: .numeric)],
            labels: [LabelSpecification("click", column: "cliked")],
            sampleWeight: "w"
        )
        #expect(
            throws: SchemaError([
                "feature \"price\": there is no column `prise`; expected one of the files' 2 "
                    + "columns; received `prise`. Did you mean `price`?",
                "label \"click\": there is no column `cliked`; expected one of the files' 2 "
                    + "columns; received `cliked`. Did you mean `clicked`?",
                "sample weight: there is no column `w`; expected one of the files' 2 columns; "
                    + "received `w`.",
            ])
        ) { try schema.validate(columns: ["price", "clicked"]) }
    }

    @Test(arguments: [
        (SplitSpecification.time(column: "t", validation: nil, test: nil), true),
        (.time(column: "t", validation: "2011-10-01", test: "2011-09-01"), true),
        (.time(column: "t", validation: "soon", test: nil), true),
        (.time(column: "t", validation: "2011-10-01", test: "2011-11-01"), false),
        (.key(column: "u", validation: 0.1, test: 0, seed: 1), false),
        (.key(column: "u", validation: -0.1, test: 0.5, seed: 1), true),
        (.timeFraction(column: "t", validation: 0, test: 0), true),
    ])
    func splitsAreChecked(split: SplitSpecification, isWrong: Bool) {
        #expect(split.problems().isEmpty != isWrong, "\(split.problems())")
    }

    @Test func aSchemaSurvivesJSON() throws {
        let schema = Schema(
            features: [
                FeatureSpecification(
                    "price",
                    kind: .numeric,
                    transforms: [.clip(lower: 0.01, upper: 0.99), .log1p, .standardise],
                    missing: .fill(.median)
                ),
                FeatureSpecification(
                    "history",
                    kind: .sequence,
                    vocabulary: .hashed(buckets: 100),
                    maximumLength: 50
                ),
            ],
            labels: [LabelSpecification("like", column: "rating", rule: .compare(.atLeast, 4))],
            scenario: ScenarioSpecification(column: "market", values: ["a"], unknown: .other),
            cleaning: [.repair(column: "price", [.decimalComma])],
            split: .key(column: "user", validation: 0.1, test: 0.2, seed: 3)
        )
        let data = try JSONEncoder().encode(schema)
        #expect(try JSONDecoder().decode(Schema.self, from: data) == schema)
        #expect(schema.problems().isEmpty, "\(schema.problems())")
    }
}
