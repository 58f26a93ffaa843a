/// Two values of a column, one of them the positive answer.
struct LabelPair {
    /// The rows with the positive value.
    let positives: Int
    /// What the positive value is called.
    let positiveName: String
    /// The rule of a task; nil where values are 0 and 1, or true and false.
    let rule: String?
    /// Whether the values themselves say yes and no.
    let isBoolean: Bool
    /// What the values are.
    let description: String

    /// Words that answer yes.
    private static let yes: Set<String> = ["yes", "y", "true", "t", "positive", "1"]
    /// Words that answer no.
    private static let no: Set<String> = ["no", "n", "false", "f", "negative", "0"]

    /// The pair of a column with two values; nil where there are more, or one.
    init?(_ facts: ColumnFacts) {
        let values = facts.values.filter { !facts.isUntyped || $0.kind != .missing }
        guard values.count == 2, facts.isExact else { return nil }
        if facts.type == .boolean || values.allSatisfy({ $0.kind == .boolean }) {
            // `True` and `TRUE` would be two values of one meaning.
            guard let one = values.first(where: { $0.number == 1 }),
                values.contains(where: { $0.number == 0 })
            else { return nil }
            self.init(one.count, "true", nil, isBoolean: true, "true and false")
        } else if values.allSatisfy({ $0.number == 0 || $0.number == 1 }) {
            let one = values.first { $0.number == 1 }
            guard let one, values.contains(where: { $0.number == 0 }) else { return nil }
            self.init(one.count, "1", nil, isBoolean: true, "0 and 1")
        } else {
            guard values.allSatisfy({ !$0.text.isEmpty && !$0.text.hasSuffix("…") }),
                values.allSatisfy({ $0.kind == .text })
            else { return nil }
            let spelled = values.map { $0.text.trimmed.lowercased() }
            let isAnswer = Set(spelled).isSubset(of: Self.yes.union(Self.no))
            let yes = spelled.firstIndex(where: Self.yes.contains) ?? 1
            let value = values[yes].text.trimmed
            guard !value.contains("\""), !value.contains("'") else { return nil }
            self.init(
                values[yes].count,
                value,
                "== \"\(value)\"",
                isBoolean: isAnswer,
                "\(values[0].text.trimmed) and \(values[1].text.trimmed)"
            )
        }
    }

    private init(
        _ positives: Int,
        _ name: String,
        _ rule: String?,
        isBoolean: Bool,
        _ description: String
    ) {
        self.positives = positives
        positiveName = name
        self.rule = rule
        self.isBoolean = isBoolean
        self.description = description
    }
}
