import Foundation
import Testing

@testable import MotetData

/// What is learnt comes from the training rows: a plant in another part must not be seen.
@Suite("Learnt from the training part only") struct TrainingOnlyTests {
    private let schema = Schema(
        features: [
            FeatureSpecification("c", kind: .categorical),
            FeatureSpecification("h", kind: .sequence, delimiter: "|"),
            FeatureSpecification("s", column: "x", kind: .numeric, transforms: [.standardise]),
            FeatureSpecification("m", column: "x", kind: .numeric, transforms: [.minMax]),
            FeatureSpecification(
                "q",
                column: "x",
                kind: .numeric,
                transforms: [.clip(lower: 0.1, upper: 0.9), .quantileBins(3)]
            ),
            FeatureSpecification("f", column: "x", kind: .numeric, missing: .fill(.mean)),
        ],
        labels: [LabelSpecification("k", column: "c", kind: .multiclass(["a", "b", "planted"]))],
        scenario: ScenarioSpecification(column: "c", unknown: .other),
        cleaning: [
            .outliers(column: "x", .interquartile(factor: 100), action: .clip),
            .outliers(column: "x", .quantiles(lower: 0, upper: 1), action: .clip),
        ]
    )

    private let training = "c,h,x,part\na,p|q,1,0\nb,q,2,0\na,p,3,0\nb,p,5,0\n"

    @Test func aPlantInValidationChangesNothing() throws {
        let plain = try PreparationHarness().prepare(
            schema,
            training,
            validation: "c,h,x,part\na,p,2,1\n"
        )
        let planted = try PreparationHarness().prepare(
            schema,
            training,
            validation: "c,h,x,part\nplanted,planted,1000000,1\n"
        )
        #expect(plain.fitted == planted.fitted)
        #expect(plain.fitted.contentHash == planted.fitted.contentHash)
        let validation = try #require(planted.validation)
        #expect(try validation.integers("c") == [0])
        #expect(try validation.lists("h") == [[0]])
        #expect(try validation.integers("scenario") == [2])
        let unknown = planted.report.unknownValues.filter { $0.part == "validation" }
        // The list, the feature and the scenario.
        #expect(unknown.map(\.changed) == [1, 1, 1])
    }

    @Test func aPlantInTrainingIsSeen() throws {
        let plain = try PreparationHarness().prepare(schema, training)
        let planted = try PreparationHarness().prepare(
            schema,
            training + "planted,planted,1000000,0\n"
        )
        #expect(plain.fitted.vocabularies != planted.fitted.vocabularies)
        #expect(plain.fitted.numerics != planted.fitted.numerics)
        #expect(plain.fitted.scenarios != planted.fitted.scenarios)
        #expect(plain.fitted.outliers != planted.fitted.outliers)
    }

    /// The same when one file is split: rows of another part are planted, the training rows stay.
    @Test(arguments: [
        SplitSpecification.fraction(validation: 0.3, test: 0.3, seed: 4),
        .time(column: "part", validation: "10", test: "20"),
        .timeFraction(column: "part", validation: 0.3, test: 0.3),
        .key(column: "part", validation: 0.3, test: 0.3, seed: 2),
    ])
    func aPlantInAnotherPartOfTheFileChangesNothing(split: SplitSpecification) throws {
        var schema = schema
        schema.split = split
        schema.keep = ["part"]
        let rows = (0..<30).map { "\(["a", "b"][$0 % 2]),p|q,\($0 % 7),\($0)" }
        let header = "c,h,x,part\n"
        let plain = try PreparationHarness().prepare(
            schema,
            header + rows.joined(separator: "\n") + "\n"
        )
        let others = try [plain.validation, plain.test].compactMap { $0 }.flatMap {
            try $0.integers("row")
        }
        #expect(!others.isEmpty && others.count < 30)
        var planted = rows
        for row in others { planted[Int(row)] = "planted,planted,1000000,\(row)" }
        let second = try PreparationHarness().prepare(
            schema,
            header + planted.joined(separator: "\n") + "\n"
        )
        #expect(second.fitted == plain.fitted)
        #expect(try second.training.integers("row") == plain.training.integers("row"))
    }
}
