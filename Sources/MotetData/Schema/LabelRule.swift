/// Which values of a column count as a positive label.
public enum LabelRule: Codable, Hashable, Sendable {
    /// How a number is compared.
    public enum Comparison: String, Codable, Hashable, Sendable, CaseIterable {
        /// At least.
        case atLeast = ">="
        /// At most.
        case atMost = "<="
        /// More than.
        case above = ">"
        /// Less than.
        case below = "<"
    }

    /// Numbers on one side of a threshold.
    case compare(Comparison, Double)
    /// These values, compared as text without blanks around it; an integer's text is its decimal
    /// spelling.
    case oneOf([String])
    /// All values but these.
    case noneOf([String])

    /// Reads a rule as it is written in a configuration: `>= 4`, `== "50000+."`, `!= no`,
    /// `in [a, b]`, `not in [a, b]`.
    ///
    /// - Parameter text: the rule.
    /// - Throws: ``SchemaError`` where it is none of these.
    public init(parsing text: String) throws(SchemaError) {
        let rule = text.trimmed
        for (word, negated) in [("not in", true), ("in", false)] where rule.hasPrefix(word) {
            let list = rule.dropFirst(word.count).trimmed
            guard list.hasPrefix("["), list.hasSuffix("]") else { continue }
            let values = list.dropFirst().dropLast().split(separator: ",")
                .map { LabelRule.unquoted($0.trimmed) }
            self = negated ? .noneOf(values) : .oneOf(values)
            return
        }
        if rule.hasPrefix("==") {
            self = .oneOf([LabelRule.unquoted(rule.dropFirst(2).trimmed)])
            return
        }
        if rule.hasPrefix("!=") {
            self = .noneOf([LabelRule.unquoted(rule.dropFirst(2).trimmed)])
            return
        }
        for comparison in Comparison.allCases where rule.hasPrefix(comparison.rawValue) {
            let number = rule.dropFirst(comparison.rawValue.count).trimmed
            guard let value = Double(number), value.isFinite else { continue }
            self = .compare(comparison, value)
            return
        }
        throw SchemaError([
            "label rule \"\(text)\": not understood; expected a comparison with a number such as "
                + "`>= 4`, `== value`, `!= value`, `in [a, b]` or `not in [a, b]`; received "
                + "`\(text)`."
        ])
    }

    private static func unquoted(_ text: String) -> String {
        for quote in ["\"", "'"]
        where text.count >= 2 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            return String(text.dropFirst().dropLast())
        }
        return text
    }

    /// Whether a number is on the positive side; nil if the rule compares text.
    func isPositive(_ value: Double) -> Bool? {
        guard case .compare(let comparison, let threshold) = self else { return nil }
        return switch comparison {
        case .atLeast: value >= threshold
        case .atMost: value <= threshold
        case .above: value > threshold
        case .below: value < threshold
        }
    }

    /// Whether a text is a positive value; nil if the rule compares numbers.
    func isPositive(_ text: String) -> Bool? {
        let value = text.trimmed
        return switch self {
        case .compare: nil
        case .oneOf(let values): values.contains { $0.trimmed == value }
        case .noneOf(let values): !values.contains { $0.trimmed == value }
        }
    }
}

extension StringProtocol {
    /// The text without blanks and line ends around it.
    var trimmed: String {
        var rest = Substring(self)
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
