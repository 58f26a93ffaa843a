/// A feature of a product that a sentence has an opinion on.
public struct ReviewAspect: Hashable, Sendable {
    /// What annotators noted beside an aspect, as the data set spells it.
    public enum Mark: String, Hashable, Sendable, CaseIterable {
        /// The feature is not named in the sentence.
        case unnamed = "u"
        /// The feature is not named in the sentence, a pronoun stands for it.
        case pronoun = "p"
        /// A suggestion or recommendation.
        case suggestion = "s"
        /// A comparison with a product of another brand.
        case otherBrand = "cc"
        /// A comparison with a product of the same brand.
        case sameBrand = "cs"
    }

    /// The feature, such as `picture quality`.
    public let name: String
    /// How good, from 3, or bad, to -3; nil where the annotation does not say which of both.
    public let strength: Int?
    /// What was noted beside it.
    public let marks: Set<Mark>
}

/// Reads `feature[+2],other feature[-1][u]`, the part of a line before `##`.
///
/// The files were typed by hand. What is read in spite of a slip, each counted as one repair: braces or
/// parentheses for brackets, an opening or closing bracket that is missing or doubled, a missing or
/// doubled comma. A strength without a sign, or an aspect without a strength, has no polarity; a sign alone
/// has strength 1.
struct ReviewAnnotation {
    /// The aspects in order.
    private(set) var aspects: [ReviewAspect] = []
    /// How many slips were passed over.
    private(set) var repairs = 0

    private var name = ""
    private var strength: Int?
    private var marks: Set<ReviewAspect.Mark> = []
    private var hasMark = false

    init(_ text: some StringProtocol) {
        var inside: String?
        for character in text {
            switch character {
            case "[", "{", "(":
                if character != "[" { repairs += 1 }
                if let content = inside {  // `[-3[p]`
                    repairs += 1
                    close(content)
                }
                inside = ""
            case "]", "}", ")":
                if character != "]" { repairs += 1 }
                if let content = inside { close(content) } else { closeUnopened() }
                inside = nil
            case "," where inside == nil: finish(isLast: false)
            default:
                if inside != nil {
                    inside?.append(character)
                } else if hasMark, !character.isWhitespace {  // `LCD[+3]camera quality[+3]`
                    repairs += 1
                    finish(isLast: false)
                    name.append(character)
                } else {
                    name.append(character)
                }
            }
        }
        if let content = inside {
            repairs += 1
            close(content)
        }
        finish(isLast: true)
    }

    /// `connection+3]`, or a bracket that is there twice.
    private mutating func closeUnopened() {
        repairs += 1
        guard !hasMark, let sign = name.lastIndex(where: { $0 == "+" || $0 == "-" }),
            name[sign...].count == 2
        else { return }
        close(String(name[sign...]))
        name.removeSubrange(sign...)
    }

    private mutating func close(_ content: String) {
        hasMark = true
        let content = content.trimmed
        if let mark = ReviewAspect.Mark(rawValue: content) {
            marks.insert(mark)
        } else if content == "+" || content == "-" {
            strength = content == "+" ? 1 : -1
        } else if let value = Int(content) {
            if content.first == "+" || content.first == "-" { strength = value }
        } else {
            repairs += 1
        }
    }

    private mutating func finish(isLast: Bool) {
        let trimmed = name.trimmed
        if !trimmed.isEmpty {
            aspects.append(ReviewAspect(name: trimmed, strength: strength, marks: marks))
        } else if !isLast || (isLast && hasMark && strength != nil) {
            repairs += 1
        }
        (name, strength, marks, hasMark) = ("", nil, [], false)
    }
}
