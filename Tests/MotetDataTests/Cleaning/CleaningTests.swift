import Testing

@testable import MotetData

@Suite("Cleaning rules") struct CleaningTests {
    private func prepare(
        _ rule: CleaningRule? = nil,
        missing: MissingPolicy = .error,
        text: String
    ) throws -> PreparedSplits {
        let schema = Schema(
            features: [FeatureSpecification("x", kind: .numeric, missing: missing)],
            cleaning: [rule].compactMap { $0 }
        )
        return try PreparationHarness().prepare(schema, text)
    }

    @Test(arguments: [
        (CleaningRule.Occurrence.first, [0, 1, 3] as [Int32]), (.last, [2, 3, 4]),
    ])
    func duplicatesLeaveOneRow(keep: CleaningRule.Occurrence, rows: [Int32]) throws {
        // Rows 0 and 2, and 1 and 4, have the same key; row 3 is alone.
        let rule = CleaningRule.duplicates(key: ["u", "i"], keep: keep)
        let splits = try prepare(rule, text: "x,u,i\n1,a,7\n2,a,\n3,a,7\n4,b,7\n5,a,\n")
        #expect(try splits.training.integers("row") == rows)
        #expect(splits.report.dropped(by: rule.title) == 2)
        #expect(
            splits.report.parts == [
                PreparationReport.PartRows(part: "training", read: 5, dropped: 2, written: 3)
            ]
        )
    }

    @Test(arguments: [
        (CleaningRule.RangeAction.drop, [2, 5] as [Float], 0, 2), (.clip, [0, 2, 5, 10], 2, 0),
        (.missing, [7, 2, 5, 7], 2, 0),
    ])
    func rangesDropClipOrBlank(
        action: CleaningRule.RangeAction,
        values: [Float],
        changed: Int,
        dropped: Int
    ) throws {
        let rule = CleaningRule.range(column: "x", minimum: 0, maximum: 10, action: action)
        let splits = try prepare(rule, missing: .fill(.number(7)), text: "x\n-3\n2\n5\n11\n")
        #expect(try splits.training.floats("numeric") == values)
        #expect(splits.report.changed(by: rule.title) == changed)
        #expect(splits.report.dropped(by: rule.title) == dropped)
    }

    @Test func textIsRepairedBeforeItIsRead() throws {
        let schema = Schema(
            features: [
                FeatureSpecification("x", kind: .numeric, missing: .fill(.number(-1))),
                FeatureSpecification("c", kind: .categorical),
            ],
            cleaning: [
                .repair(column: "x", [.removeThousands("."), .decimalComma]),
                .repair(column: "c", [.trim]), .repair(column: "c", [.uppercase, .missing("?")]),
            ]
        )
        let text = "x,c\n\"1.234,50\", ab\n7,AB\n\"0,5\", ?\n,cd\n"
        let splits = try PreparationHarness().prepare(schema, text)
        #expect(try splits.training.floats("numeric") == [1234.5, 7, 0.5, -1])
        #expect(splits.fitted.vocabularies["c"]?.values == ["AB", "CD"])
        #expect(try splits.training.integers("c") == [1, 1, 3, 2])
        #expect(splits.report.rules.map(\.changed) == [2, 3])
        #expect(
            splits.report.rules.map(\.rule) == [
                "x repaired (thousands `.`, decimal comma)",
                "c repaired (trim, upper case, `?` is missing)",
            ]
        )
    }

    @Test func elementsOfListsThatAreRepairedToNothingLeaveTheirList() throws {
        let schema = Schema(
            features: [FeatureSpecification("s", kind: .sequence, delimiter: "|")],
            cleaning: [.repair(column: "s", [.lowercase, .missing("?")])]
        )
        let text = "s\na|?|B\n?\nb|A|?\nb\n"
        let splits = try PreparationHarness().prepare(schema, text)
        #expect(splits.fitted.vocabularies["s"]?.values == ["b", "a"])
        #expect(try splits.training.lists("s") == [[2, 1], [], [1, 2], [1]])
        #expect(splits.report.rules.map(\.changed) == [5])
    }

    @Test(arguments: [
        // Quartiles of 0 ... 9 and 1000 are 2.5 and 7.5: limits -5 and 15 for factor 1.5.
        (CleaningRule.OutlierLimits.interquartile(factor: 1.5), 15 as Float),
        (.quantiles(lower: 0, upper: 0.9), 9),
    ])
    func outliersAreClippedOrDropped(limits: CleaningRule.OutlierLimits, limit: Float) throws {
        let text = "x\n" + (0..<10).map { "\($0)\n" }.joined() + "1000\n"
        let clip = CleaningRule.outliers(column: "x", limits, action: .clip)
        let clipped = try prepare(clip, text: text)
        #expect(try clipped.training.floats("numeric") == (0..<10).map(Float.init) + [limit])
        #expect(clipped.report.changed(by: clip.title) == 1)
        let drop = CleaningRule.outliers(column: "x", limits, action: .drop)
        let dropped = try prepare(drop, text: text)
        #expect(try dropped.training.floats("numeric") == (0..<10).map(Float.init))
        #expect(dropped.report.dropped(by: drop.title) == 1)
    }

    @Test func missingRowsAreDroppedAndCounted() throws {
        let splits = try prepare(missing: .drop, text: "x,y\n1,0\n,0\n3,0\n")
        #expect(try splits.training.integers("row") == [0, 2])
        #expect(splits.report.dropped(by: "x missing (drop)") == 1)
    }

    @Test func infinityIsAnErrorOrMissing() throws {
        let text = "x\n1\ninf\n3\n"
        var feature = FeatureSpecification("x", kind: .numeric, missing: .fill(.number(9)))
        #expect(
            try PreparationHarness().failure(Schema(features: [feature]), text)
                == "train.csv:3, column \"x\": not finite; expected a finite number; received "
                + "infinity. Set `infinity: missing` to treat it as missing."
        )
        feature.infinity = .missing
        let splits = try PreparationHarness().prepare(Schema(features: [feature]), text)
        #expect(try splits.training.floats("numeric") == [1, 9, 3])
        #expect(splits.report.changed(by: "x infinite (missing)") == 1)
    }

    /// Whatever the rules, the rows left are in order and the report's numbers add up.
    @Test(arguments: 0..<6)
    func countsAddUp(seed: UInt64) throws {
        var state = seed &* 7_919 &+ 13
        func draw(_ limit: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % limit
        }
        let lines = (0..<300).map { _ in
            "\(draw(5) == 0 ? "" : "\(draw(100))"),u\(draw(60)),\(draw(1_000))"
        }
        let schema = Schema(
            features: [
                FeatureSpecification("x", kind: .numeric, missing: .drop),
                FeatureSpecification("u", kind: .categorical),
            ],
            cleaning: [
                .duplicates(key: ["u", "x"]),
                .range(column: "x", minimum: 5, maximum: nil, action: .drop),
                .outliers(column: "x", .quantiles(lower: 0, upper: 0.95), action: .drop),
            ],
            split: .key(column: "u", validation: 0.25, test: 0.25, seed: seed)
        )
        let splits = try PreparationHarness().prepare(
            schema,
            "x,u,t\n" + lines.joined(separator: "\n") + "\n"
        )
        let rows = try DataPart.allCases.map { try splits[$0]?.integers("row") ?? [] }
        for part in rows { #expect(part == part.sorted()) }
        let written = rows.map(\.count).reduce(0, +)
        let dropped = splits.report.rules.map(\.dropped).reduce(0, +)
        #expect(written + dropped == 300)
        #expect(splits.report.parts.map(\.written) == rows.map(\.count))
        #expect(splits.report.parts.map(\.read).reduce(0, +) == 300)
        #expect(splits.report.parts.map(\.dropped).reduce(0, +) == dropped)
    }

    @Test func theReportPrintsAsATable() throws {
        let rule = CleaningRule.range(column: "x", minimum: 0, maximum: nil, action: .drop)
        let splits = try prepare(rule, missing: .ownBucket, text: "x,y\n1,0\n-1,0\n,0\n")
        #expect(
            splits.report.description == """
                part      rows read  dropped  rows written
                --------  ---------  -------  ------------
                training          3        1             2

                Cleaning
                rule                       part      changed  dropped
                -------------------------  --------  -------  -------
                x outside [0, inf] (drop)  training        0        1

                Missing values
                feature or label  part      values
                ----------------  --------  ------
                x                 training       1

                """
        )
    }
}
