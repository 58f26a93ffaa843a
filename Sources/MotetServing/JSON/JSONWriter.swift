/// Writes JSON into bytes; commas are set where they belong.
struct JSONWriter {
    /// What was written.
    private(set) var bytes: [UInt8] = []

    /// A writer with some room.
    init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// Writes an object whose fields `body` writes.
    mutating func object(_ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        body(&self)
        bytes.append(UInt8(ascii: "}"))
    }

    /// Writes a list whose values `body` writes.
    mutating func array(_ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "["))
        body(&self)
        bytes.append(UInt8(ascii: "]"))
    }

    /// Writes a field's name; its value follows.
    mutating func key(_ name: String) {
        text(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes a field's name; its value follows.
    mutating func key(_ name: JSONName) {
        separate()
        bytes.append(contentsOf: name.bytes)
    }

    /// Writes a text.
    mutating func text(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            // Hardly any text has what must be escaped, so most are copied as they are.
            if utf8.contains(where: Self.isEscaped) {
                for byte in utf8 { escape(byte) }
            } else {
                bytes.append(contentsOf: utf8)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0..<0x20:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(Self.digits[Int(byte >> 4)])
            bytes.append(Self.digits[Int(byte & 15)])
        default: bytes.append(byte)
        }
    }

    /// Writes a whole number.
    mutating func integer(_ value: some BinaryInteger) { raw(String(value)) }

    /// Writes a finite number in the fewest digits that read back equal.
    mutating func number(_ value: Float) {
        separate()
        if FloatText.write(value, to: &bytes) { return }
        bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
    }

    /// Writes a finite number in the fewest digits that read back equal.
    mutating func number(_ value: Double) { raw(value.isFinite ? value.description : "null") }

    /// Writes an amount of millionths as a number of ones, as `number` does, without a text in between.
    mutating func millionths(_ value: Int64) { decimal(value, places: 6, unit: 1_000_000) }

    /// Writes an amount of thousandths as a number of ones, as `number` does, without a text in between.
    mutating func thousandths(_ value: Int64) { decimal(value, places: 3, unit: 1000) }

    private mutating func decimal(_ value: Int64, places: Int, unit: Int64) {
        // Decimals of up to 15 digits are their own shortest; below 0.0001 there is an exponent.
        guard value >= max(unit / 10_000, 1), value < 1_000_000_000_000_000 else {
            return number(Double(value) / Double(unit))
        }
        separate()
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { text in
            text.initialize(repeating: UInt8(ascii: "."))
            func digit(_ value: Int64) -> UInt8 {
                UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10)
            }
            var (whole, rest, digits) = (value / unit, value % unit, places)
            while digits > 1, rest % 10 == 0 { (rest, digits) = (rest / 10, digits - 1) }
            for place in (24 - digits..<24).reversed() {
                text[place] = digit(rest)
                rest /= 10
            }
            var first = 24 - digits - 1
            repeat {
                first -= 1
                text[first] = digit(whole)
                whole /= 10
            } while whole > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[first...]))
        }
    }

    /// Writes `true` or `false`.
    mutating func boolean(_ value: Bool) { raw(value ? "true" : "false") }

    /// Writes `null`.
    mutating func null() { raw("null") }

    /// Writes members of an object that another writer wrote.
    mutating func members(_ written: [UInt8]) {
        guard !written.isEmpty else { return }
        separate()
        bytes.append(contentsOf: written)
    }

    /// Writes a value that was read or built.
    mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .boolean(let isTrue): boolean(isTrue)
        case .integer(let integer): self.integer(integer)
        case .number(let number): self.number(number)
        case .text(let text): self.text(text)
        case .array(let values): array { writer in for value in values { writer.value(value) } }
        case .object(let members):
            object { writer in
                for member in members {
                    writer.key(member.key)
                    writer.value(member.value)
                }
            }
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// A comma behind a value; none at the beginning and behind a name.
    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): return
        default: bytes.append(UInt8(ascii: ","))
        }
    }
}

/// A field's name with its quotes and colon, for names that are written many times.
struct JSONName {
    fileprivate let bytes: [UInt8]

    init(_ name: String) {
        var writer = JSONWriter()
        writer.key(name)
        bytes = writer.bytes
    }
}
