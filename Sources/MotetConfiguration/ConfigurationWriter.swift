/// Writes a tree as YAML that reads back equal.
///
/// The same tree always gives the same text: keys in their order, two spaces a level, lists of scalars
/// on one line where they fit. Only a byte order mark at the start of a text is lost on the way back.
public enum ConfigurationWriter {
    private static let lineLength = 100

    /// The tree as YAML text that ends with a line break.
    public static func yaml(_ node: ConfigurationNode) -> String {
        var text = ""
        switch node.content {
        case .list(let values) where !values.isEmpty: write(values, indent: 0, to: &text)
        case .map(let entries) where !entries.isEmpty: write(entries, indent: 0, to: &text)
        default: text += inline(node) + "\n"
        }
        return text
    }

    private static func write(
        _ entries: [ConfigurationNode.Entry],
        indent: Int,
        continuingLine: Bool = false,
        to text: inout String
    ) {
        for (index, entry) in entries.enumerated() {
            if index > 0 || !continuingLine { text += spaces(indent) }
            text += quotedIfNeeded(entry.key) + ":"
            writeAfterKey(entry.value, indent: indent, to: &text)
        }
    }

    private static func writeAfterKey(
        _ node: ConfigurationNode,
        indent: Int,
        to text: inout String
    ) {
        switch node.content {
        case .map(let entries) where !entries.isEmpty:
            text += "\n"
            write(entries, indent: indent + 2, to: &text)
        case .list(let values) where !fitsOnLine(values, indent: indent):
            text += "\n"
            write(values, indent: indent + 2, to: &text)
        default: text += " " + inline(node) + "\n"
        }
    }

    private static func write(
        _ values: [ConfigurationNode],
        indent: Int,
        to text: inout String
    ) {
        for value in values {
            text += spaces(indent) + "-"
            switch value.content {
            case .map(let entries) where !entries.isEmpty:
                text += " "
                write(entries, indent: indent + 2, continuingLine: true, to: &text)
            case .list(let inner) where !fitsOnLine(inner, indent: indent):
                text += "\n"
                write(inner, indent: indent + 2, to: &text)
            default: text += " " + inline(value) + "\n"
            }
        }
    }

    /// Whether a list holds scalars only, few enough for one line beside a key of usual length.
    private static func fitsOnLine(_ values: [ConfigurationNode], indent: Int) -> Bool {
        let isFlat = values.allSatisfy { value in
            switch value.content {
            case .list(let inner): inner.isEmpty
            case .map(let entries): entries.isEmpty
            default: true
            }
        }
        return isFlat && indent + 24 + inline(values).count <= lineLength
    }

    private static func inline(_ values: [ConfigurationNode]) -> String {
        "[" + values.map(inline).joined(separator: ", ") + "]"
    }

    /// A scalar, an empty map or list, or a list of these.
    private static func inline(_ node: ConfigurationNode) -> String {
        switch node.content {
        case .string(let text): quotedIfNeeded(text)
        case .list(let values): inline(values)
        case .map: "{}"
        default: ScalarSyntax.text(of: node.content)
        }
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    /// Words that readers of YAML 1.1 take for `true` or `false`; quoted for their sake.
    private static let oldBooleans: Set<String> = ["y", "n", "yes", "no", "on", "off"]

    private static func quotedIfNeeded(_ text: String) -> String {
        let isSafe =
            text.unicodeScalars.allSatisfy(isPlainSafe)
            && text.unicodeScalars.first.map { $0 != "-" && $0 != " " } ?? false
            && text.last != " "
            && !oldBooleans.contains(text.lowercased())
            && ScalarSyntax.content(ofPlain: text) == .string(text)
            && !(text.first?.isNumber ?? true)
        return isSafe ? text : quoted(text)
    }

    private static func isPlainSafe(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            || ["_", "-", ".", "/", " "].contains(scalar)
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where isUnprintable(scalar):
                let digits = String(scalar.value, radix: 16, uppercase: true)
                quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// Characters YAML does not allow as they are, and those that would break a line or hide.
    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        default: false
        }
    }
}
