import Foundation
import Testing

@testable import MotetData

@Suite("Bad input to preparation") struct BadInputTests {
    private let x = FeatureSpecification("x", kind: .numeric)

    @Test func textInANumericColumnNamesThePlace() throws {
        let sentence = try PreparationHarness().failure(
            Schema(features: [x]),
            "x\n1\n\"12,50\"\n"
        )
        #expect(
            sentence
                == "train.csv:3, column \"x\": not a number; expected a finite number; received "
                + "\"12,50\". Set `decimal: comma` if that is the separator."
        )
    }

    @Test func aLabelOutsideZeroAndOneNamesThePlace() throws {
        let schema = Schema(features: [x], labels: [LabelSpecification("click", column: "c")])
        #expect(
            try PreparationHarness().failure(schema, "x,c\n1,0\n2,1\n3,2\n")
                == "train.csv:4, column \"c\": not a binary label; expected 0 or 1; received 2. Give "
                + "label \"click\" a rule such as `>= 1`, or make it numeric."
        )
    }

    @Test func aLabelThatIsNeverPositiveIsRefused() throws {
        let schema = Schema(features: [x], labels: [LabelSpecification("click", column: "c")])
        #expect(
            try PreparationHarness().failure(
                schema,
                "x,c\n1,0\n2,\n3,0\n",
                validation: "x,c\n1,1\n"
            )
                == "label \"click\": no positive row in the training part; expected at least one; "
                + "received 0 of 2 labelled rows. Check the label's rule, the cleaning rules and "
                + "the split."
        )
    }

    @Test func anUndeclaredScenarioNamesThePlace() throws {
        let schema = Schema(
            features: [x],
            scenario: ScenarioSpecification(column: "m", values: ["store_a", "store_b"])
        )
        #expect(
            try PreparationHarness().failure(schema, "x,m\n1,store_a\n2,store_c1\n")
                == "train.csv:3, column \"m\": not a declared scenario; expected one of store_a, "
                + "store_b; received \"store_c1\". Did you mean `store_a`? Add it to `values`, or "
                + "set `unknown: other`."
        )
    }

    @Test func anUnknownClassNamesThePlace() throws {
        let schema = Schema(
            features: [x],
            labels: [LabelSpecification("k", kind: .multiclass(["a", "b"]))]
        )
        #expect(
            try PreparationHarness().failure(schema, "x,k\n1,a\n2,z\n")
                == "train.csv:3, column \"k\": not a class of label \"k\"; expected one of a, b; "
                + "received \"z\"."
        )
    }

    @Test func aMissingNumberNeedsAPolicy() throws {
        #expect(
            try PreparationHarness().failure(Schema(features: [x]), "x,y\n1,1\n,1\n")
                == "train.csv:3, column \"x\": the value is missing or NaN; expected a value in "
                + "every row; received none. Give feature \"x\" a `missing` policy: a fill, mean, median, "
                + "most_frequent, own_bucket or drop."
        )
    }

    @Test(arguments: [("-1", "-1"), ("", "nothing"), ("inf", "inf")])
    func aWeightIsFiniteAndNotNegative(weight: String, received: String) throws {
        let schema = Schema(features: [x], sampleWeight: "w")
        #expect(
            try PreparationHarness().failure(schema, "x,w\n1,1\n2,\(weight)\n")
                == "train.csv:3, column \"w\": not a weight; expected a finite number of at least "
                + "0; received \(received)."
        )
    }

    @Test func aLogarithmInAnotherPartNamesThePlace() throws {
        let schema = Schema(features: [
            FeatureSpecification("x", kind: .numeric, transforms: [.log1p])
        ])
        #expect(
            try PreparationHarness().failure(schema, "x\n1\n2\n", validation: "x\n1\n-2\n")
                == "valid.csv:3, feature \"x\": log1p has no finite value; expected a number above "
                + "-1; received -2. Give the column an allowed range, or clip it first."
        )
    }

    @Test func allProblemsOfTheSchemaComeAtOnce() throws {
        let schema = Schema(
            features: [FeatureSpecification("prise", kind: .numeric, dimension: 0)],
            labels: [LabelSpecification("clik")]
        )
        #expect(
            try PreparationHarness().failure(schema, "price,click\n1,0\n", validation: "click\n1\n")
                == "feature \"prise\": 'dimension' is out of range; expected at least 1; received 0.\n"
                + "feature \"prise\": there is no column `prise`; expected one of the files' 2 "
                + "columns; received `prise`. Did you mean `price`?\n"
                + "label \"clik\": there is no column `clik`; expected one of the files' 2 columns; "
                + "received `clik`. Did you mean `click`?\n"
                + "validation files: feature \"prise\": there is no column `prise`; expected one of "
                + "the files' 1 columns; received `prise`.\n"
                + "validation files: label \"clik\": there is no column `clik`; expected one of the "
                + "files' 1 columns; received `clik`. Did you mean `click`?"
        )
    }

    @Test func nothingIsLeftBehindByAFailure() throws {
        let harness = try PreparationHarness()
        #expect(harness.failure(Schema(features: [x]), "x\n1\ny\n") != nil)
        let left = try FileManager.default.contentsOfDirectory(atPath: harness.cache)
        #expect(left.isEmpty, "\(left)")
    }

    @Test(arguments: ["", "x\n"])
    func aFileWithoutRowsIsRefused(text: String) throws {
        #expect(try PreparationHarness().failure(Schema(features: [x]), text) != nil)
    }
}
