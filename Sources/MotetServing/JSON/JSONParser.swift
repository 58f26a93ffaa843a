import HTTPTypes

/// Reads one JSON value from bytes, strictly as RFC 8259 has it, with bounds on depth and numbers.
///
/// Requests are hostile until read: depth is bounded, so the stack is; a field given twice, a number that
/// no `Double` holds, and bytes that are no UTF-8 are errors of their own.
struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let maximumDepth: Int
    private var position = 0

    /// Parses bytes.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - maximumDepth: how many lists and objects may stand in each other.
    /// - Returns: the value.
    /// - Throws: `RequestError` with the place.
    static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>,
        maximumDepth: Int
    ) throws(RequestError) -> JSONValue {
        var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth)
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.position == bytes.count else {
            throw parser.malformed("the end of the text")
        }
        return value
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private func malformed(_ expected: String) -> RequestError {
        let received =
            next.map { byte in
                (0x21...0x7E).contains(byte)
                    ? "`\(Character(UnicodeScalar(byte)))`" : "byte \(byte)"
            } ?? "the end"
        return .malformedJSON(
            "body: not JSON at byte \(position); expected \(expected); received \(received)."
        )
    }

    private mutating func value(depth: Int) throws(RequestError) -> JSONValue {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || Digits.isDigit(byte): return try number()
        default: throw malformed("a value")
        }
    }

    private mutating func word(
        _ text: StaticString,
        _ value: JSONValue
    ) throws(RequestError) -> JSONValue {
        for index in 0..<text.utf8CodeUnitCount {
            guard next == text.utf8Start[index] else { throw malformed("`\(text)`") }
            position += 1
        }
        return value
    }

    private func checkDepth(_ depth: Int) throws(RequestError) {
        guard depth > maximumDepth else { return }
        throw RequestError(
            .badRequest,
            "too_deep",
            message:
                "body: lists and objects stand too deep in each other; expected a depth of at most "
                + "\(maximumDepth); received more at byte \(position)."
        )
    }

    private mutating func array(depth: Int) throws(RequestError) -> JSONValue {
        try checkDepth(depth)
        position += 1
        skipBlanks()
        var values: [JSONValue] = []
        if next == UInt8(ascii: "]") {
            position += 1
            return .array(values)
        }
        while true {
            values.append(try value(depth: depth))
            skipBlanks()
            switch next {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return .array(values)
            default: throw malformed("`,` or `]`")
            }
        }
    }

    private mutating func object(depth: Int) throws(RequestError) -> JSONValue {
        try checkDepth(depth)
        position += 1
        skipBlanks()
        var members: [JSONMember] = []
        if next == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        var seen: Set<String> = []
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw malformed("a field's name in quotes") }
            let key = try string()
            // Few fields are compared one by one, which needs no memory.
            if members.count == 16 { seen = Set(members.map(\.key)) }
            let isRepeated =
                members.count < 16
                ? members.contains { $0.key == key } : !seen.insert(key).inserted
            guard !isRepeated else {
                throw RequestError(
                    .badRequest,
                    "duplicate_field",
                    message:
                        "body: a field is given twice in one object; expected it once; received "
                        + "`\(key.shortened)` again at byte \(position)."
                )
            }
            skipBlanks()
            guard next == UInt8(ascii: ":") else { throw malformed("`:`") }
            position += 1
            members.append(JSONMember(key: key, value: try value(depth: depth)))
            skipBlanks()
            switch next {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return .object(members)
            default: throw malformed("`,` or `}`")
            }
        }
    }
}

// MARK: Texts

extension JSONParser {
    private mutating func string() throws(RequestError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                let text = try text(UnsafeBufferPointer(rebasing: bytes[start..<position]))
                position += 1
                return text
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw malformed("a text without control characters")
            default: position += 1
            }
        }
        throw malformed("`\"` at the end of a text")
    }

    private func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(RequestError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw RequestError(
                .badRequest,
                "invalid_utf8",
                message:
                    "body: a text is no UTF-8; expected UTF-8; received other bytes before byte "
                    + "\(position)."
            )
        }
        return text
    }

    /// A text with escapes; `start` is behind its opening quote and `position` at its first escape.
    private mutating func escapedString(from start: Int) throws(RequestError) -> String {
        var copied = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                let whole = String(validating: copied, as: UTF8.self)
                guard let whole else {
                    return try text(UnsafeBufferPointer(rebasing: bytes[start..<position]))
                }
                position += 1
                return whole
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &copied)
            case 0..<0x20: throw malformed("a text without control characters")
            default:
                copied.append(byte)
                position += 1
            }
        }
        throw malformed("`\"` at the end of a text")
    }

    private mutating func escape(into copied: inout [UInt8]) throws(RequestError) {
        let byte = next
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): copied.append(byte ?? 0)
        case UInt8(ascii: "b"): copied.append(0x08)
        case UInt8(ascii: "f"): copied.append(0x0C)
        case UInt8(ascii: "n"): copied.append(0x0A)
        case UInt8(ascii: "r"): copied.append(0x0D)
        case UInt8(ascii: "t"): copied.append(0x09)
        case UInt8(ascii: "u"):
            position += 1
            copied.append(contentsOf: Array(String(Character(try unicodeScalar())).utf8))
            return
        default: throw malformed("an escape such as \\n or \\u00e9")
        }
        position += 1
    }

    /// The scalar of `\uXXXX`, or of two that are a surrogate pair.
    private mutating func unicodeScalar() throws(RequestError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), next == UInt8(ascii: "\\"),
            position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u")
        else { throw malformed("a second half of a surrogate pair") }
        position += 2
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw malformed("a second half of a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(RequestError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw malformed("four hexadecimal digits")
            }
            value = value << 4 + UInt32(digit)
            position += 1
        }
        return value
    }
}

// MARK: Numbers

extension JSONParser {
    private mutating func number() throws(RequestError) -> JSONValue {
        let start = position
        let isNegative = next == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var digits = Digits()
        let first = position
        while let byte = next, Digits.isDigit(byte) {
            digits.add(byte)
            position += 1
        }
        guard position > first else { throw malformed("a digit") }
        guard bytes[first] != UInt8(ascii: "0") || position == first + 1 else {
            position = first + 1
            throw malformed("a number without leading zeros")
        }
        var isWhole = true
        var exponent = 0
        if next == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            let point = position
            while let byte = next, Digits.isDigit(byte) {
                digits.add(byte)
                position += 1
            }
            guard position > point else { throw malformed("a digit behind the point") }
            exponent -= position - point
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            var sign = 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") {
                sign = next == UInt8(ascii: "-") ? -1 : 1
                position += 1
            }
            var written = 0
            let point = position
            while let byte = next, Digits.isDigit(byte) {
                written = min(written * 10 + Int(byte - UInt8(ascii: "0")), 100_000)
                position += 1
            }
            guard position > point else { throw malformed("a digit of the exponent") }
            exponent += sign * written
        }
        if isWhole, let whole = digits.integer {
            // -0 is a number of its own.
            if !isNegative || whole != 0 { return .integer(isNegative ? -whole : whole) }
        }
        if let exact = digits.exact(exponent: exponent) {
            return .number(isNegative ? -exact : exact)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        // The least integer, whose size is greater than that of the greatest.
        if isWhole, let least = Int64(text) { return .integer(least) }
        guard let value = Double(text), value.isFinite else {
            throw RequestError(
                .badRequest,
                "number_out_of_range",
                message: "body: a number is too large at byte \(start); expected at most "
                    + "\(Double.greatestFiniteMagnitude) in size; received `\(text.shortened)`."
            )
        }
        return .number(value)
    }

    /// The digits of a number, while they fit.
    private struct Digits {
        private var value: Int64 = 0
        private var fits = true

        static func isDigit(_ byte: UInt8) -> Bool {
            UInt8(ascii: "0") <= byte && byte <= UInt8(ascii: "9")
        }

        mutating func add(_ byte: UInt8) {
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            fits = fits && !overflows && !carries
            value = fits ? sum : 0
        }

        var integer: Int64? { fits ? value : nil }

        /// The number where both factors are exact, so that one rounding gives the nearest `Double`.
        ///
        /// - Source: Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990, §3.
        ///   <https://doi.org/10.1145/93542.93557>
        func exact(exponent: Int) -> Double? {
            guard fits, value <= 1 << 53, abs(exponent) <= 22 else { return nil }
            var power = 1.0
            for _ in 0..<abs(exponent) { power *= 10 }
            return exponent < 0 ? Double(value) / power : Double(value) * power
        }
    }
}

extension String {
    /// The text for error sentences, without control characters and cut where it is long: by scalars, for one
    /// character may have any number.
    var shortened: String {
        let first = unicodeScalars.prefix(isShort ? 60 : 57).map { scalar in
            scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
        }
        return String(UnicodeScalarView(first)) + (isShort ? "" : "...")
    }

    /// Whether it may stand in a sentence as it is.
    var isShort: Bool { unicodeScalars.count <= 60 }
}
