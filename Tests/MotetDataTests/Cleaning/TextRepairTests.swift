import Testing

@testable import MotetData

@Suite("Text repairs") struct TextRepairTests {
    @Test(arguments: [
        ([TextRepair.trim], "  0012 \t", "0012"),
        ([.decimalComma], "12,50", "12.50"),
        ([.removeThousands("."), .decimalComma], "1.234.567,5", "1234567.5"),
        ([.uppercase], "ab-1", "AB-1"), ([.lowercase], "AB", "ab"),
        ([.cutAfter("-")], "AB-12-x", "AB"), ([.cutAfter("-")], "AB", "AB"),
        ([.trim, .missing("?")], " ? ", nil), ([.missing("?")], "??", "??"),
    ])
    func repairsRunInOrder(repairs: [TextRepair], text: String, expected: String?) {
        #expect(TextRepair.apply(repairs, to: text) == expected)
    }
}
