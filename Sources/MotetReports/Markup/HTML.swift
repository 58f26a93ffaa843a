/// A piece of HTML that is safe to put on a page: what comes in as text is escaped there, so no name of a
/// task, a scenario or a file can become markup.
public struct HTML: Hashable, Sendable {
    /// The markup.
    public let markup: String

    /// Nothing.
    public static let empty = HTML(trusted: "")

    /// Takes markup as it is; only for what this module writes itself.
    init(trusted markup: String) { self.markup = markup }

    /// Takes text; characters that HTML gives a meaning are replaced, in text and in attribute values.
    public init(text: String) { markup = Self.escaped(text) }

    /// Takes a sentence in which parts between backticks are code.
    ///
    /// - Parameter prose: the sentence; a backtick without a partner stands for itself.
    public init(prose: String) {
        let parts = prose.split(separator: "`", omittingEmptySubsequences: false)
        guard parts.count > 2 else {
            self.init(text: prose)
            return
        }
        var markup = ""
        for (index, part) in parts.enumerated() {
            let text = Self.escaped(String(part))
            if index % 2 == 0 {
                markup += text
            } else if index == parts.count - 1 {
                markup += "`" + text
            } else {
                markup += "<code>\(Self.breakable(String(part)))</code>"
            }
        }
        self.init(trusted: markup)
    }

    /// Takes a name such as `tuned_scalarisation+mmoe`, which may be broken after `_`, `+`, `/` and `.`.
    public init(name: String) { markup = Self.breakable(name) }

    /// An element.
    ///
    /// - Parameters:
    ///   - name: the element's name; the program's own, never a user's.
    ///   - attributes: names and values in their order; those with nil are left out. Values are escaped.
    ///   - children: what stands between its tags.
    /// - Returns: the element; without an end tag where HTML knows none.
    public static func element(
        _ name: String,
        _ attributes: KeyValuePairs<String, String?> = [:],
        _ children: [HTML] = []
    ) -> HTML {
        var markup = "<\(name)"
        for (key, value) in attributes {
            guard let value else { continue }
            markup += " \(key)=\"\(escaped(value))\""
        }
        markup += ">"
        guard !voidElements.contains(name) else { return HTML(trusted: markup) }
        for child in children { markup += child.markup }
        return HTML(trusted: markup + "</\(name)>")
    }

    /// Pieces one after the other.
    public static func joined(_ pieces: [HTML]) -> HTML {
        HTML(trusted: pieces.map(\.markup).joined())
    }

    private static let voidElements: Set<String> = ["br", "hr", "link", "meta", "wbr"]

    /// Text with the five characters of HTML's syntax replaced, and those no document may hold.
    private static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            default:
                let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                // A text that changes the direction of what follows it could disguise a number.
                let turns =
                    (0x202A...0x202E).contains(scalar.value)
                    || (0x2066...0x2069).contains(scalar.value)
                result.unicodeScalars.append(isControl || turns ? "\u{FFFD}" : scalar)
            }
        }
        return result
    }

    private static func breakable(_ text: String) -> String {
        let breaks: Set<Character> = ["_", "+", "/", "."]
        var (markup, part) = ("", "")
        for character in text {
            part.append(character)
            guard breaks.contains(character) else { continue }
            markup += escaped(part) + "<wbr>"
            part = ""
        }
        return markup + escaped(part)
    }
}
