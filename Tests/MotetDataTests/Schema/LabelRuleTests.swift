import Testing

@testable import MotetData

@Suite("Label rules") struct LabelRuleTests {
    @Test(arguments: [
        (">= 4", LabelRule.compare(.atLeast, 4)), ("> -0.5", .compare(.above, -0.5)),
        ("<=1e3", .compare(.atMost, 1_000)), ("< 2", .compare(.below, 2)),
        ("== \"50000+.\"", .oneOf(["50000+."])), ("==yes", .oneOf(["yes"])),
        ("!= 'no'", .noneOf(["no"])), ("in [a, \"b\", 3]", .oneOf(["a", "b", "3"])),
        ("not in [x]", .noneOf(["x"])),
    ])
    func rulesAreRead(text: String, expected: LabelRule) throws {
        #expect(try LabelRule(parsing: text) == expected)
    }

    @Test(arguments: ["", "4", ">= four", "=> 4", "in a, b", ">= nan"])
    func othersAreRefused(text: String) {
        #expect(
            throws: SchemaError([
                "label rule \"\(text)\": not understood; expected a comparison with a number such "
                    + "as `>= 4`, `== value`, `!= value`, `in [a, b]` or `not in [a, b]`; received "
                    + "`\(text)`."
            ])
        ) { try LabelRule(parsing: text) }
    }

    @Test func thresholdsSplitNumbers() {
        let rule = LabelRule.compare(.atLeast, 4)
        #expect([3.9, 4, 5].map { rule.isPositive($0) } == [false, true, true])
        #expect(rule.isPositive("4") == nil)
    }

    @Test func valuesAreComparedWithoutBlanks() {
        #expect(LabelRule.oneOf(["50000+."]).isPositive(" 50000+. ") == true)
        #expect(LabelRule.noneOf(["a"]).isPositive("b") == true)
        #expect(LabelRule.noneOf(["a"]).isPositive("a ") == false)
    }
}
