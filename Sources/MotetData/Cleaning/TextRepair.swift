/// A repair of one text value, done before it is read as a number or a category.
public enum TextRepair: Codable, Hashable, Sendable {
    /// Remove blanks around the text: ` 0012 ` becomes `0012`.
    case trim
    /// `12,50` becomes `12.50`; thousands must be removed first.
    case decimalComma
    /// Remove a thousands separator: `1.234,50` becomes `1234,50` with `.`.
    case removeThousands(String)
    /// Capital letters.
    case uppercase
    /// Small letters.
    case lowercase
    /// Remove what follows the first of this text, it included: `AB-12-x` becomes `AB` with `-`.
    case cutAfter(String)
    /// Treat this text as missing: `?`.
    case missing(String)

    /// How the repair is called in reports.
    var title: String {
        switch self {
        case .trim: "trim"
        case .decimalComma: "decimal comma"
        case .removeThousands(let separator): "thousands `\(separator)`"
        case .uppercase: "upper case"
        case .lowercase: "lower case"
        case .cutAfter(let text): "cut after `\(text)`"
        case .missing(let text): "`\(text)` is missing"
        }
    }

    /// The repaired text; nil for a missing value.
    func applied(to text: String) -> String? {
        switch self {
        case .trim: return text.trimmed
        case .decimalComma: return text.replacingFirst(",", with: ".")
        case .removeThousands(let separator):
            return separator.isEmpty
                ? text : text.split(separator: separator, omittingEmptySubsequences: false).joined()
        case .uppercase: return text.uppercased()
        case .lowercase: return text.lowercased()
        case .cutAfter(let mark):
            guard !mark.isEmpty, let range = text.firstRange(of: mark) else { return text }
            return String(text[..<range.lowerBound])
        case .missing(let spelling): return text == spelling ? nil : text
        }
    }

    /// The text after all repairs, in order.
    static func apply(_ repairs: [TextRepair], to text: String) -> String? {
        var value = text
        for repair in repairs {
            guard let next = repair.applied(to: value) else { return nil }
            value = next
        }
        return value
    }
}

extension String {
    fileprivate func replacingFirst(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}
