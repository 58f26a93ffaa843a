import Foundation
import Testing

@testable import MotetData

@Suite("Fitted schemas") struct FittedSchemaTests {
    private let schema = Schema(
        features: [
            FeatureSpecification("c", kind: .categorical),
            FeatureSpecification(
                "h",
                kind: .sequence,
                vocabulary: .shared(with: "c"),
                delimiter: "|"
            ),
            FeatureSpecification("x", kind: .numeric, transforms: [.standardise], missing: .drop),
            FeatureSpecification("y", kind: .numeric, missing: .fill(.median)),
        ],
        labels: [LabelSpecification("click")],
        scenario: ScenarioSpecification(column: "m"),
        group: "u",
        keep: ["u"],
        cleaning: [
            .duplicates(key: ["u", "c"]),
            .outliers(column: "x", .quantiles(lower: 0, upper: 1), action: .clip),
        ],
        split: .fraction(validation: 0.2, test: 0, seed: 1)
    )

    private let text =
        "c,h,x,y,click,m,u\n"
        + (0..<50).map { "c\($0 % 5),c1|c\($0 % 3),\($0),\($0 % 9),\($0 % 2),m\($0 % 2),u\($0)" }
        .joined(separator: "\n") + "\n"

    @Test func filesGiveTheSameSchemaBack() throws {
        let harness = try PreparationHarness()
        let fitted = try harness.prepare(schema, text).fitted
        let folder = URL(fileURLWithPath: harness.folder.path + "/saved")
        try fitted.save(to: folder)
        let read = try FittedSchema(folder: folder)
        #expect(read == fitted)
        #expect(read.contentHash == fitted.contentHash)
        let decoded = try JSONDecoder().decode(
            FittedSchema.self,
            from: JSONEncoder().encode(fitted)
        )
        #expect(decoded == fitted)
    }

    @Test func editedFilesAreRefused() throws {
        let harness = try PreparationHarness()
        let folder = URL(fileURLWithPath: harness.folder.path + "/saved")
        try harness.prepare(schema, text).fitted.save(to: folder)
        let file = folder.appendingPathComponent("vocabularies/c.txt")
        let edited = try String(contentsOf: file, encoding: .utf8)
            .replacingOccurrences(of: "c1", with: "cX")
        try Data(edited.utf8).write(to: file)
        #expect(throws: PreparationError.self) { try FittedSchema(folder: folder) }
    }

    @Test func newRowsAreEncodedAsTheTrainingRowsWere() throws {
        let harness = try PreparationHarness()
        let splits = try harness.prepare(schema, text)
        let rows = try splits.fitted.prepare(
            harness.source("train.csv", text),
            into: harness.folder.path + "/rows"
        )
        #expect(rows.dataset.rowCount == 50)
        for name in ["c", "scenario"] {
            let all = try rows.dataset.integers(name)
            let training = try splits.training.integers("row").map { all[Int($0)] }
            #expect(try splits.training.integers(name) == training)
        }
        let numbers = try rows.dataset.floats("numeric")
        let training = try splits.training.integers("row").flatMap {
            numbers[Int($0) * 2..<Int($0) * 2 + 2]
        }
        #expect(try splits.training.floats("numeric") == training)
        #expect(rows.kept["u"]?.values == (0..<50).map { "u\($0)" })
    }

    /// Files of some features need no other columns; `h` keeps its ids without `c`, whose vocabulary it shares.
    @Test func someFeaturesAreEncodedAloneAsWithAllOthers() throws {
        let harness = try PreparationHarness()
        let fitted = try harness.prepare(schema, text).fitted
        let whole = try fitted.prepare(
            harness.source("whole.csv", text),
            into: harness.folder.path + "/whole",
            purpose: .prediction
        )
        let some = fitted.with(features: ["h", "y"], keep: ["name"])
        #expect(some.numericNames == ["y"] && some.numericFeatures == ["y"])
        #expect(some.vocabularySize(for: "h") == 1 + fitted.valueCount(of: schema.features[1]))
        let rows = (0..<50).map { "n\($0),\($0 % 9),c1|c\($0 % 3)" }.joined(separator: "\n")
        let part = try some.prepare(
            harness.source("part.csv", "name,y,h\n" + rows + "\n"),
            into: harness.folder.path + "/part",
            purpose: .prediction
        )
        let lists = try [whole, part].map { rows in
            try rows.dataset.withRagged("h") { (Array($0), Array($1)) }
        }
        #expect(lists[0].0 == lists[1].0 && lists[0].1 == lists[1].1)
        #expect(Set(lists[1].0).count == 3 && !lists[1].0.contains(0))
        let numbers = try whole.dataset.floats("numeric")
        #expect(try part.dataset.floats("numeric") == (0..<50).map { numbers[2 * $0 + 1] })
        #expect(part.kept["name"]?.values.first == "n0")
        #expect(part.dataset.columns.map(\.name).contains("c") == false)
    }

    @Test func predictionKeepsEveryRowAndCountsTheUnknown() throws {
        let harness = try PreparationHarness()
        let fitted = try harness.prepare(schema, text).fitted
        let new = "c,h,x,y,m,u\nnew,new|c1,1,,m0,a\nnew,,,2,m1,a\nc1,c0,9999,3,m0,b\n"
        let rows = try fitted.prepare(
            harness.source("new.csv", new),
            into: harness.folder.path + "/rows",
            purpose: .prediction
        )
        #expect(try rows.dataset.integers("row") == [0, 1, 2])
        #expect(try rows.dataset.integers("c").prefix(2) == [0, 0])
        #expect(
            try rows.dataset.lists("h").map { $0.map { $0 == 0 } } == [[true, false], [], [false]]
        )
        #expect(!rows.dataset.columns.contains { $0.name.hasPrefix("label/") })
        let unknown = rows.report.unknownValues
        #expect(unknown.map(\.rule) == ["c", "h"])
        #expect(unknown.map(\.changed) == [2, 1])
        let x = try stride(from: 0, to: 6, by: 2).map { try rows.dataset.floats("numeric")[$0] }
        #expect(x[1] == 0)
        // The outlier is clipped to the training rows' largest.
        let largest = Double(fitted.outliers[0].upper)
        #expect(x[2] == Float(fitted.numerics["x"]?(largest) ?? .nan))
    }

    @Test func evaluationDropsRowsAsTrainingDid() throws {
        let harness = try PreparationHarness()
        let fitted = try harness.prepare(schema, text).fitted
        let new = "c,h,x,y,m,u,click\nc1,,1,1,m0,a,1\nc1,,2,1,m1,a,0\nc2,,,1,m0,b,1\n"
        let rows = try fitted.prepare(
            harness.source("new.csv", new),
            into: harness.folder.path + "/rows"
        )
        #expect(try rows.dataset.integers("row") == [0])
        #expect(try rows.dataset.labels("click") == ["1.0"])
        #expect(rows.report.dropped(by: "duplicates by u, c (keep first)") == 1)
        #expect(rows.report.dropped(by: "x missing (drop)") == 1)
    }

    @Test func missingColumnsOfNewFilesAreNamed() throws {
        let harness = try PreparationHarness()
        let fitted = try harness.prepare(schema, text).fitted
        #expect {
            try fitted.prepare(
                harness.source("new.csv", "c,h,x,m,u\n1,1,1,m0,1\n"),
                into: harness.folder.path + "/rows",
                purpose: .prediction
            )
        } throws: {
            "\($0)"
                == "feature \"y\": there is no column `y`; expected one of the files' 5 columns; "
                + "received `y`. Did you mean `c`?"
        }
    }
}
