/// What an unquoted YAML scalar means.
///
/// The core schema of YAML 1.2: `yes`, `no`, `on` and `off` are text, so that the market `no` stays
/// Norway.
///
/// - Source: YAML 1.2.2, §10.3.2. <https://yaml.org/spec/1.2.2/#1032-tag-resolution>
/// - Departures: whole numbers may have underscores between digits (`200_000`); numbers in octal and
///   hexadecimal are text.
enum ScalarSyntax {
    /// The content an unquoted scalar stands for.
    static func content(ofPlain text: String) -> ConfigurationNode.Content {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        default: break
        }
        guard let first = text.utf8.first, isNumberStart(first) else { return .string(text) }
        if let integer = integer(text) { return .integer(integer) }
        if let number = number(text) { return .number(number) }
        return .string(text)
    }

    /// The scalar that stands for a content; empty for lists and maps.
    static func text(of content: ConfigurationNode.Content) -> String {
        switch content {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .number(let value): text(of: value)
        case .string(let value): value
        case .list, .map: ""
        }
    }

    private static func text(of number: Double) -> String {
        if number.isNaN { return ".nan" }
        if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
        let text = "\(number)"
        guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
        // YAML 1.1 readers take `1e-05` for text; `1.0e-05` is a number to all.
        return text[..<exponent] + ".0" + text[exponent...]
    }

    private static func isNumberStart(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
            || byte == UInt8(ascii: ".")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func integer(_ text: String) -> Int? {
        let digits = text.drop { $0 == "+" || $0 == "-" }
        guard text.utf8.count - digits.utf8.count <= 1, let last = digits.utf8.last,
            let first = digits.utf8.first, isDigit(first), isDigit(last)
        else { return nil }
        return Int(text.replacing("_", with: ""))
    }

    private static func number(_ text: String) -> Double? {
        switch text.drop(while: { $0 == "+" || $0 == "-" }) {
        case ".inf", ".Inf", ".INF": return text.hasPrefix("-") ? -.infinity : .infinity
        case ".nan", ".NaN", ".NAN": return text.hasPrefix(".") ? .nan : nil
        default: break
        }
        // The standard library also reads "0x1p3" and, at the end of a sign, "inf" and "nan".
        let allowed = text.utf8.allSatisfy { isNumberStart($0) || $0 | 0x20 == UInt8(ascii: "e") }
        guard allowed, text.utf8.contains(where: isDigit) else { return nil }
        return Double(text)
    }
}
