/// What a text of a column turns out to be, and its number or time where it has one.
struct TextScan: Hashable {
    /// What a text is, blanks around it left aside.
    enum Kind: UInt8, CaseIterable {
        /// Anything else.
        case text
        /// A whole number as it is usually written.
        case integer
        /// A whole number with zeros before it, such as `007`: a code rather than a number.
        case paddedInteger
        /// A number with a fraction or an exponent.
        case decimal
        /// `inf`, `-Infinity` and the like.
        case infinity
        /// `true` or `false` in any case.
        case boolean
        /// A spelling of a missing value that preparation knows in numbers, such as `NA`.
        case missing
        /// A date, with or without a time of day, as preparation reads it.
        case time
        /// A number with a decimal comma: `12,50` or `1.234,50`.
        case commaNumber
        /// A number with commas between thousands: `1,234` or `1,234.50`.
        case groupedNumber
    }

    /// What the text is.
    var kind: Kind
    /// The number, the seconds since 1970 of a time, 1 or 0 of a boolean; NaN where there is none.
    var number: Double
    /// Whether there are blanks around it.
    var isPadded: Bool

    /// Looks at a text.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        var start = bytes.startIndex
        var end = bytes.endIndex
        while start < end, Self.isBlank(bytes[start]) { start += 1 }
        while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
        let trimmed = UnsafeBufferPointer(rebasing: bytes[start..<end])
        isPadded = trimmed.count < bytes.count
        (kind, number) = Self.scan(trimmed)
    }

    /// Looks at a text.
    init(_ text: String) {
        var text = text
        self = text.withUTF8 { TextScan($0) }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private static func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> (Kind, Double) {
        guard let first = bytes.first else { return (.missing, .nan) }
        let mayBeNumber = (43...57).contains(first)
        if mayBeNumber, let number = DecimalNumber(bytes) {
            let kind: Kind =
                number.isWhole ? (number.hasLeadingZero ? .paddedInteger : .integer) : .decimal
            return (kind, number.value)
        }
        // Every other kind is short.
        guard bytes.count <= 40 else { return (.text, .nan) }
        let text = String(decoding: bytes, as: UTF8.self)
        if NumberEncoder.missing.contains(text) { return (.missing, .nan) }
        if let word = words[text.lowercased()] { return word }
        guard mayBeNumber else { return (.text, .nan) }
        if let number = grouped(text, separator: ",", point: "."), isGrouped(text) {
            return (.groupedNumber, number)
        }
        if let number = grouped(text, separator: ".", point: ",") { return (.commaNumber, number) }
        // A plain number is a time to preparation, but none here.
        if bytes.count >= 10, bytes[4] == UInt8(ascii: "-"), let seconds = TimeValue.parse(text) {
            return (.time, seconds)
        }
        return (.text, .nan)
    }

    private static let words: [String: (Kind, Double)] = {
        var words: [String: (Kind, Double)] = ["true": (.boolean, 1), "false": (.boolean, 0)]
        for name in ["inf", "infinity"] {
            words[name] = (.infinity, .infinity)
            words["+" + name] = (.infinity, .infinity)
            words["-" + name] = (.infinity, -.infinity)
        }
        return words
    }()

    /// A number whose thousands `separator` parts and whose fraction follows `point`.
    private static func grouped(_ text: String, separator: Character, point: Character) -> Double? {
        let halves = text.split(separator: point, omittingEmptySubsequences: false)
        guard halves.count <= 2, let whole = halves.first else { return nil }
        let groups = whole.split(separator: separator, omittingEmptySubsequences: false)
        guard groups.dropFirst().allSatisfy({ $0.count == 3 }), groups.first?.isEmpty == false,
            groups.count == 1 || (groups.first?.count ?? 0) <= 4
        else { return nil }
        let plain = groups.joined() + (halves.count == 2 ? "." + halves[1] : "")
        guard plain.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.".contains($0)) }) else {
            return nil
        }
        return Double(plain)
    }

    /// Whether commas can only part thousands: there are two, or a point follows.
    private static func isGrouped(_ text: String) -> Bool {
        text.count { $0 == "," } > 1 || (text.contains(",") && text.contains("."))
    }
}

/// A number in the usual notation, read exactly.
struct DecimalNumber {
    /// Its value, the nearest double.
    let value: Double
    /// Whether neither point nor exponent is written.
    let isWhole: Bool
    /// Whether a zero stands before other digits.
    let hasLeadingZero: Bool

    /// Reads a number that fills all of the text; nil if it is none.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        var position = 0
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { position += 1 }
        let start = position
        var (mantissa, digits, fraction): (UInt64, Int, Int) = (0, 0, 0)
        var pointAt: Int?
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "."), pointAt == nil {
                pointAt = position
            } else if (48...57).contains(byte) {
                if digits < 18 { mantissa = mantissa * 10 + UInt64(byte - 48) }
                digits += 1
                if pointAt != nil { fraction += 1 }
            } else {
                break
            }
            position += 1
        }
        guard digits > 0 else { return nil }
        isWhole = pointAt == nil && position == bytes.count
        hasLeadingZero =
            bytes[start] == 48 && start + 1 < bytes.count && (48...57).contains(bytes[start + 1])
        // Both parts are exact in a double, so one division rounds once (Clinger's fast path).
        if position == bytes.count, digits <= 15, fraction <= 15 {
            let magnitude = Double(mantissa) / Self.powers[fraction]
            value = isNegative ? -magnitude : magnitude
            return
        }
        let tail = bytes[position...]
        guard tail.allSatisfy({ (43...57).contains($0) || $0 | 0x20 == UInt8(ascii: "e") }),
            let slow = Double(String(decoding: bytes, as: UTF8.self))
        else { return nil }
        value = slow
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
}
