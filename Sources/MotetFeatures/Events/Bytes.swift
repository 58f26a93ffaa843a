/// Writes numbers and texts one after the other.
///
/// Whole numbers take seven bits a byte, the lowest first, the highest bit of a byte telling whether another
/// follows; signed ones are folded so that small ones stay short.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(byte: UInt8) { bytes.append(byte) }

    mutating func write(unsigned value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func write(count: Int) { write(unsigned: UInt64(count)) }

    mutating func write(signed value: Int64) {
        write(unsigned: UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    mutating func write(wide value: Int128) {
        let bits = UInt128(bitPattern: value << 1 ^ value >> 127)
        write(unsigned: UInt64(truncatingIfNeeded: bits))
        write(unsigned: UInt64(truncatingIfNeeded: bits >> 64))
    }

    mutating func write(fixed value: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }

    mutating func write(number: Double) { write(fixed: number.bitPattern) }

    mutating func write(text: String) {
        write(count: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    /// A text that may be missing: its length and one, then its bytes; zero where it is missing.
    mutating func write(optional text: String?) {
        guard let text else { return write(count: 0) }
        write(count: text.utf8.count + 1)
        bytes.append(contentsOf: text.utf8)
    }
}

/// Reads what ``ByteWriter`` wrote, and trusts none of it.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// Whether everything was read.
    var isAtEnd: Bool { position == bytes.endIndex }

    mutating func byte() throws(StoredBytesError) -> UInt8 {
        guard position < bytes.endIndex else { throw .damaged }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func unsigned() throws(StoredBytesError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try byte()
            let part = UInt64(byte & 0x7F)
            guard shift < 63 || part <= 1 else { throw .damaged }
            value |= part << shift
            if byte < 0x80 { return value }
        }
        throw .damaged
    }

    /// A number of things, each of at least one byte.
    mutating func count() throws(StoredBytesError) -> Int {
        let value = try unsigned()
        guard value <= UInt64(bytes.endIndex - position) else { throw .damaged }
        return Int(value)
    }

    mutating func signed() throws(StoredBytesError) -> Int64 {
        let bits = try unsigned()
        return Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
    }

    mutating func wide() throws(StoredBytesError) -> Int128 {
        let low = try unsigned()
        let bits = UInt128(try unsigned()) << 64 | UInt128(low)
        return Int128(bitPattern: bits >> 1) ^ -Int128(bitPattern: bits & 1)
    }

    mutating func fixed() throws(StoredBytesError) -> UInt64 {
        guard bytes.endIndex - position >= 8 else { throw .damaged }
        var value: UInt64 = 0
        for offset in 0..<8 { value |= UInt64(bytes[position + offset]) << UInt64(8 * offset) }
        position += 8
        return value
    }

    mutating func number() throws(StoredBytesError) -> Double {
        Double(bitPattern: try fixed())
    }

    mutating func text() throws(StoredBytesError) -> String { try text(bytes: count()) }

    mutating func optionalText() throws(StoredBytesError) -> String? {
        let length = try unsigned()
        guard length > 0 else { return nil }
        guard length - 1 <= UInt64(bytes.endIndex - position) else { throw .damaged }
        return try text(bytes: Int(length) - 1)
    }

    private mutating func text(bytes length: Int) throws(StoredBytesError) -> String {
        let end = position + length
        defer { position = end }
        guard let text = String(validating: bytes[position..<end], as: UTF8.self) else {
            throw .damaged
        }
        return text
    }
}

/// Stored bytes that are cut off or changed.
enum StoredBytesError: Error {
    case damaged
}
