import MotetCore
import Testing

@Suite("Suggestion") struct SuggestionTests {
    private static let slips: [(name: String, meant: String?)] = [
        ("expert_unit", "expert_units"), ("exprt_units", "expert_units"),
        ("epxert_units", "expert_units"), ("Expert_Units", "expert_units"), ("gates", "gate"),
        ("lerning_rate", "learning_rate"), ("zzz", nil), ("", nil), ("momentum", nil),
    ]

    @Test(arguments: slips)
    func aSlipFindsWhatWasMeant(name: String, meant: String?) {
        let known = ["expert_units", "learning_rate", "gate"]
        #expect(Suggestion.nearest(to: name, in: known) == meant)
    }

    @Test func theFirstOfEqualsWins() {
        #expect(Suggestion.nearest(to: "ab", in: ["ac", "ad"]) == "ac")
    }

    @Test func theSentenceIsEmptyWithoutASuggestion() {
        #expect(Suggestion.sentence(for: "gaet", in: ["gate"]) == " Did you mean `gate`?")
        #expect(Suggestion.sentence(for: "tower", in: ["gate"]) == "")
        #expect(Suggestion.sentence(for: "tower", in: []) == "")
    }
}
