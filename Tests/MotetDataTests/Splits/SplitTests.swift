import Testing

@testable import MotetData

@Suite("Splits") struct SplitTests {
    private func schema(_ split: SplitSpecification) -> Schema {
        Schema(
            features: [FeatureSpecification("x", kind: .numeric)],
            group: "u",
            keep: ["u"],
            split: split
        )
    }

    /// `x` is the row's number, `u` one of 20 users, `t` a date that falls as `x` rises.
    private let text =
        "x,u,t\n"
        + (0..<100).map { "\($0),u\($0 * 7 % 20),2024-01-\(31 - $0 / 10)" }
        .joined(separator: "\n") + "\n"

    private func rows(_ splits: PreparedSplits) throws -> [[Int32]] {
        try DataPart.allCases.map { try splits[$0]?.integers("row") ?? [] }
    }

    @Test(arguments: [
        SplitSpecification.fraction(validation: 0.2, test: 0.25, seed: 1),
        .timeFraction(column: "t", validation: 0.2, test: 0.2),
        .time(column: "t", validation: "2024-01-25", test: "2024-01-30"),
        .key(column: "u", validation: 0.2, test: 0.2, seed: 3),
    ])
    func everyRowIsInOnePartInOrder(split: SplitSpecification) throws {
        let rows = try rows(PreparationHarness().prepare(schema(split), text))
        #expect(rows.flatMap { $0 }.sorted() == Array(0..<100))
        for part in rows { #expect(part == part.sorted() && !part.isEmpty) }
    }

    @Test func fractionsAreExactAndDependOnTheSeed() throws {
        var found: [[[Int32]]] = []
        for seed in [1, 1, 2] as [UInt64] {
            let split = SplitSpecification.fraction(validation: 0.2, test: 0.25, seed: seed)
            found.append(try rows(PreparationHarness().prepare(schema(split), text)))
        }
        #expect(found[0].map(\.count) == [55, 20, 25])
        #expect(found[0] == found[1])
        #expect(found[0] != found[2])
    }

    @Test func timeCutsAreFromThatInstantOn() throws {
        // Row r has the day 31 - r / 10: rows 0 ..< 20 are from the 30th on, 20 ..< 70 from the 25th.
        let split = SplitSpecification.time(
            column: "t",
            validation: "2024-01-25",
            test: "2024-01-30"
        )
        let rows = try rows(PreparationHarness().prepare(schema(split), text))
        #expect(rows == [Array(70..<100), Array(20..<70), Array(0..<20)])
    }

    @Test func timeFractionsTakeTheLatestAndKeepInstantsTogether() throws {
        let split = SplitSpecification.timeFraction(column: "t", validation: 0.2, test: 0.15)
        let rows = try rows(PreparationHarness().prepare(schema(split), text))
        // 15 rows reach into the 30th, whose 10 rows go along; 35 into the 28th.
        #expect(rows == [Array(40..<100), Array(20..<40), Array(0..<20)])
    }

    @Test func aKeyStandsOnOneSide() throws {
        let split = SplitSpecification.key(column: "u", validation: 0.3, test: 0.3, seed: 3)
        let rows = try rows(PreparationHarness().prepare(schema(split), text))
        let users = rows.map { Set($0.map { $0 * 7 % 20 }) }
        #expect(users[0].isDisjoint(with: users[1]))
        #expect(users[0].isDisjoint(with: users[2]))
        #expect(users[1].isDisjoint(with: users[2]))
        #expect(users.reduce(0) { $0 + $1.count } == 20)
    }

    @Test func aPartWithoutRowsIsAnError() throws {
        let split = SplitSpecification.time(column: "t", validation: "2025-01-01", test: nil)
        #expect(
            try PreparationHarness().failure(schema(split), text)
                == "split: no row for validation; expected at least one of the 100 rows; received 0. "
                + "Check the cuts or fractions."
        )
    }

    @Test func aPartIsNotBothGivenAndMade() throws {
        let split = SplitSpecification.fraction(validation: 0.2, test: 0, seed: 1)
        #expect(
            try PreparationHarness().failure(schema(split), text, validation: text)
                == "split: it makes a validation part that is also given as files; expected one of "
                + "them; received both."
        )
    }
}
