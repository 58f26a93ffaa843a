import Foundation

/// Numbers as text: of axes, of cells and of coordinates.
public enum ReportNumber {
    /// A number with a fixed count of decimals; never `-0.00`.
    ///
    /// - Parameters:
    ///   - value: the number.
    ///   - digits: the decimals.
    ///   - isSigned: whether a number above 0 gets a plus.
    /// - Returns: the text, `-` for a number that is not finite.
    public static func fixed(_ value: Double, digits: Int, isSigned: Bool = false) -> String {
        guard value.isFinite else { return "-" }
        let text = String(format: "%.\(max(0, digits))f", value)
        let isZero = !text.contains { $0.isNumber && $0 != "0" }
        let plain = isZero && text.hasPrefix("-") ? String(text.dropFirst()) : text
        return isSigned && value > 0 && !isZero ? "+" + plain : plain
    }

    /// A count or a size with three digits that matter: `812`, `45.1k`, `2.7M`; with an exponent below 0.001.
    public static func compact(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let size = abs(value)
        if size == 0 { return "0" }
        if size < 0.001 || size >= 1e15 { return exponent(value) }
        for (unit, letter) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
        where size >= 0.9995 * unit {
            return significant(value / unit) + letter
        }
        return significant(value)
    }

    /// A number as JSON writes it: the shortest text that reads back equal.
    static func full(_ value: Double) -> String {
        guard value.isFinite else { return "" }
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
        return "\(value)"
    }

    /// A place in a drawing, to a tenth of a unit.
    static func place(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        if rounded == rounded.rounded() { return "\(Int(rounded))" }
        return "\(rounded)"
    }

    private static func significant(_ value: Double) -> String {
        let size = abs(value)
        let digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3
        return trimmed(fixed(value, digits: digits))
    }

    private static func exponent(_ value: Double) -> String {
        let parts = String(format: "%.1e", value).split(separator: "e")
        guard parts.count == 2, let power = Int(parts[1]) else { return "\(value)" }
        return trimmed(String(parts[0])) + "e\(power)"
    }

    /// Without zeros at the end of the decimals.
    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var text = text[...]
        while text.hasSuffix("0") { text = text.dropLast() }
        if text.hasSuffix(".") { text = text.dropLast() }
        return String(text)
    }
}
