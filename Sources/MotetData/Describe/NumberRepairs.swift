/// How texts among numbers become numbers, or missing values.
struct NumberRepairs {
    /// The repairs, in the order they must be done.
    private(set) var steps: [TextRepair] = []
    /// What they are for.
    private(set) var reason = ""

    /// Whether nothing has to be done.
    var isEmpty: Bool { steps.isEmpty }

    init(_ facts: ColumnFacts) {
        var reasons: [String] = []
        let words = facts.unreadable.filter { !$0.text.hasSuffix("…") }
        if !words.isEmpty {
            if words.contains(where: \.isPadded) { steps.append(.trim) }
            steps += words.prefix(20).map { .missing($0.text.trimmed) }
            reasons.append(
                words.prefix(3).map { "`\($0.text.trimmed)`" }.joined(separator: ", ")
                    + (words.count > 3 ? ", ... are not" : words.count > 1 ? " are not" : " is not")
            )
        }
        let commas = facts.kinds[.commaNumber]
        let groups = facts.kinds[.groupedNumber]
        let examples = facts.texts.map { $0.trimmed }
        let commaTexts = examples.filter { TextScan($0).kind == .commaNumber }
        let isThousands =
            groups > 0
            || (facts.kinds[.decimal] > 0 && commaTexts.allSatisfy(Self.isThousands))
        if commas + groups > 0 {
            let example = examples.first {
                [.commaNumber, .groupedNumber].contains(TextScan($0).kind)
            }
            if isThousands {
                steps.append(.removeThousands(","))
                reasons.append("commas part thousands: \(example ?? "")")
            } else {
                if commaTexts.contains(where: { $0.contains(".") }) {
                    steps.append(.removeThousands("."))
                }
                steps.append(.decimalComma)
                reasons.append("some have a decimal comma: \(example ?? "")")
            }
        }
        reason = reasons.joined(separator: "; ")
    }

    /// Whether a text such as `1,234` could have its comma between thousands.
    private static func isThousands(_ text: String) -> Bool {
        let halves = text.split(separator: ",", omittingEmptySubsequences: false)
        return halves.count == 2 && halves[1].count == 3 && !text.contains(".")
    }
}
