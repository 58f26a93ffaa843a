import MotetData
import Testing

@Suite("Places of names") struct NameIndexTests {
    /// Texts, integers in and out of their spelling, long ones, and one that is none.
    private static let names = [
        "a", "i17", "17", "017", "+17", "-3", "9223372036854775807", "99999999999999999999", "é",
        "🧦", " ",
        String(repeating: "long", count: 40),
    ]

    @Test func namesAreFoundWhereTheyStand() throws {
        let index = try NameIndex(Self.names) { Issue.record("\(Self.names[$0]) is there twice") }
        #expect(index.count == Self.names.count)
        for (place, name) in Self.names.enumerated() { #expect(index.place(of: name) == place) }
        for other in ["", "b", "18", "0017", "i1", "9223372036854775808", "e"] {
            #expect(index.place(of: other) == nil, "\(other)")
        }
    }

    @Test func theSecondOfTwoEqualNamesIsTold() throws {
        var told: [Int] = []
        _ = try NameIndex(["a", "7", "b", "7", "a"]) { told.append($0) }
        // After a name that is there already every place differs from its code.
        #expect(told.first == 3)
    }
}
