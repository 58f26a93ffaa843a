import MotetCore

/// A pattern of texts: `*` stands for any characters, `?` for one, `#` for a digit; everything else for itself.
///
/// Upper and lower case are one. Matching takes at most the product of both lengths, whatever the text.
public struct TextPattern: Hashable, Sendable, CustomStringConvertible {
    /// The most characters of a pattern.
    public static let mostCharacters = 256

    /// The pattern as it was written.
    public let description: String
    /// The pattern in lower case, character by character.
    let parts: [Character]

    /// Reads a pattern.
    ///
    /// - Parameter text: the pattern, 1 to ``mostCharacters`` characters.
    /// - Throws: `DecisionError` for one that is empty or too long.
    public init(_ text: String) throws(DecisionError) {
        guard !text.isEmpty, text.count <= Self.mostCharacters else {
            throw DecisionError(
                .risk,
                "pattern \"\(text.prefix(40))\": of a wrong length; expected 1 to \(Self.mostCharacters) "
                    + "characters; received \(text.count)."
            )
        }
        description = text
        parts = Array(text.lowercased())
    }

    /// Whether a whole text has the form.
    public func matches(_ text: String) -> Bool { fits(Array(text.lowercased())[...]) }

    /// Whether a whole text has the form, given in lower case.
    func fits(_ text: ArraySlice<Character>) -> Bool {
        var (place, part) = (text.startIndex, 0)
        // Where the last star stands, and how much of the text it takes up.
        var star: (part: Int, place: Int)?
        while place < text.endIndex {
            if part < parts.count, parts[part] == "*" {
                star = (part, place)
                part += 1
            } else if part < parts.count, Self.fits(parts[part], text[place]) {
                part += 1
                place += 1
            } else if let last = star {
                star = (last.part, last.place + 1)
                part = last.part + 1
                place = last.place + 1
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == "*" }
    }

    private static func fits(_ part: Character, _ character: Character) -> Bool {
        switch part {
        case "?": true
        case "#": ("0"..."9").contains(character)
        default: part == character
        }
    }
}

extension TextPattern {
    /// Whether an e-mail address has the form.
    ///
    /// A pattern with an `@` is of the whole address; one without is of its domain, or of a domain above that: `trash.example`
    /// fits `a@trash.example` and `a@mx.trash.example`.
    public func matches(email: String) -> Bool {
        guard !parts.contains("@") else { return matches(email) }
        var domain = email[...]
        if let at = email.lastIndex(of: "@") { domain = email[email.index(after: at)...] }
        while true {
            if matches(String(domain)) { return true }
            guard let dot = domain.firstIndex(of: ".") else { return false }
            domain = domain[domain.index(after: dot)...]
        }
    }
}
