/// A JSON value of the kinds a safetensors header holds.
///
/// Members of an object keep their order and may repeat, so that the reader of the header can refuse
/// repeated names.
indirect enum JSONHeader: Equatable {
    case object([(name: String, value: JSONHeader)])
    case array([JSONHeader])
    case string(String)
    case integer(Int)

    static func == (left: JSONHeader, right: JSONHeader) -> Bool {
        switch (left, right) {
        case (.object(let first), .object(let second)):
            first.map(\.name) == second.map(\.name) && first.map(\.value) == second.map(\.value)
        case (.array(let first), .array(let second)): first == second
        case (.string(let first), .string(let second)): first == second
        case (.integer(let first), .integer(let second)): first == second
        default: false
        }
    }

    /// Parses a header.
    ///
    /// - Parameter bytes: UTF-8 text; spaces may follow the value.
    /// - Returns: the value.
    /// - Throws: the position where the text stops being such JSON, and what was expected there.
    static func parse(_ bytes: some Collection<UInt8>) throws(JSONHeaderError) -> JSONHeader {
        var parser = JSONHeaderParser(bytes: Array(bytes))
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == parser.bytes.count else { throw parser.error("the end") }
        return value
    }

    /// The text of a string, quoted.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// Where a header stops being JSON.
struct JSONHeaderError: Error, Equatable {
    let position: Int
    let expected: String
}

/// A recursive-descent parser over the bytes of a header.
private struct JSONHeaderParser {
    let bytes: [UInt8]
    var position = 0

    func error(_ expected: String) -> JSONHeaderError {
        JSONHeaderError(position: position, expected: expected)
    }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(JSONHeaderError) {
        guard take(character) else { throw error("`\(character)`") }
    }

    mutating func value(depth: Int) throws(JSONHeaderError) -> JSONHeader {
        // A header nests three deep; the limit keeps hostile files from exhausting the stack.
        guard depth < 16 else { throw error("less nesting") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        default: return .integer(try integer())
        }
    }

    mutating func object(depth: Int) throws(JSONHeaderError) -> JSONHeader {
        try expect("{")
        var members: [(name: String, value: JSONHeader)] = []
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            let name = try string()
            try expect(":")
            members.append((name, try value(depth: depth + 1)))
        } while take(",")
        try expect("}")
        return .object(members)
    }

    mutating func array(depth: Int) throws(JSONHeaderError) -> JSONHeader {
        try expect("[")
        var elements: [JSONHeader] = []
        if take("]") { return .array(elements) }
        repeat { elements.append(try value(depth: depth + 1)) } while take(",")
        try expect("]")
        return .array(elements)
    }

    mutating func integer() throws(JSONHeaderError) -> Int {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let number = Int(text) else {
            position = start
            throw error("an integer, a string, a list or an object")
        }
        return number
    }

    mutating func string() throws(JSONHeaderError) -> String {
        guard next == UInt8(ascii: "\"") else { throw error("a string") }
        position += 1
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw error("an escaped control character") }
            position += 1
            if byte == UInt8(ascii: "\\") {
                text += Array(String(Character(try escape())).utf8)
            } else {
                text.append(byte)
            }
        }
        guard next != nil else { throw error("the end of a string") }
        position += 1
        guard let valid = String(validating: text, as: UTF8.self) else {
            throw error("UTF-8 before")
        }
        return valid
    }

    mutating func escape() throws(JSONHeaderError) -> Unicode.Scalar {
        guard let byte = next else { throw error("an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw error("an escape before")
        }
    }

    mutating func unicodeEscape() throws(JSONHeaderError) -> Unicode.Scalar {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A character beyond the 16-bit range is written as two surrogates.
        guard first < 0xDC00, next == UInt8(ascii: "\\") else {
            throw error("a pair of surrogates")
        }
        position += 1
        guard next == UInt8(ascii: "u") else { throw error("a pair of surrogates") }
        position += 1
        let second = try fourDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw error("a pair of surrogates before") }
        return scalar
    }

    mutating func fourDigits() throws(JSONHeaderError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("four hexadecimal digits") }
        let text = String(decoding: bytes[position..<position + 4], as: UTF8.self)
        guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let number = UInt32(text, radix: 16)
        else { throw error("four hexadecimal digits") }
        position += 4
        return number
    }
}
