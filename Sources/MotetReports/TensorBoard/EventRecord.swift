/// A record of an event file: numbers of one step, or the mark a file begins with.
///
/// Three small messages of Protocol Buffers, written by hand, so that no library comes with them:
///
/// ```
/// message Event   { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
/// message Summary { message Value { string tag = 1; float simple_value = 2; } repeated Value value = 1; }
/// ```
///
/// In a file each stands between its length (eight bytes), the masked CRC-32C of the length, and that of itself
/// (four bytes each), all with the lowest byte first.
///
/// - Source: `event.proto` and `summary.proto` of TensorBoard, and the record format of TensorFlow:
///   <https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details>; the encoding:
///   <https://protobuf.dev/programming-guides/encoding/>.
struct EventRecord: Hashable {
    /// A number with its name.
    struct Scalar: Hashable {
        var tag: String
        var value: Float
    }

    /// Seconds since 1970.
    var wallTime: Double
    /// The step of the training.
    var step: Int64 = 0
    /// What the first record of a file says of its format; nil in others.
    var fileVersion: String?
    /// The numbers.
    var scalars: [Scalar] = []

    /// What the first record of every file says.
    static let version = "brain.Event:2"

    // MARK: Writing

    /// The message.
    var message: [UInt8] {
        var message: [UInt8] = [1 << 3 | 1]
        message += Self.bytes(wallTime.bitPattern)
        if step != 0 { message += [2 << 3 | 0] + Self.variable(UInt64(bitPattern: step)) }
        if let fileVersion { message += Self.field(3, Array(fileVersion.utf8)) }
        guard !scalars.isEmpty else { return message }
        let values = scalars.map { scalar in
            Self.field(1, Array(scalar.tag.utf8)) + [2 << 3 | 5]
                + Self.bytes(scalar.value.bitPattern)
        }
        return message + Self.field(5, values.flatMap { Self.field(1, $0) })
    }

    /// The record as it stands in a file.
    var framed: [UInt8] {
        let message = message
        let length = Self.bytes(UInt64(message.count))
        return length + Self.bytes(CRC32C.masked(length)) + message
            + Self.bytes(CRC32C.masked(message))
    }

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    /// Seven bits a byte, the lowest first; all but the last with the highest bit set.
    private static func variable(_ number: UInt64) -> [UInt8] {
        var (rest, bytes) = (number, [UInt8]())
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func field(_ number: UInt8, _ contents: [UInt8]) -> [UInt8] {
        [number << 3 | 2] + variable(UInt64(contents.count)) + contents
    }
}

extension EventRecord {
    // MARK: Reading

    /// The records of a file, up to one that is cut off or damaged: the writer may have been killed in it.
    static func records(in file: [UInt8]) -> [EventRecord] {
        var records: [EventRecord] = []
        var rest = file[...]
        while rest.count >= 12 {
            let length: UInt64 = number(rest.prefix(8))
            let lengthSum: UInt32 = number(rest.dropFirst(8).prefix(4))
            guard lengthSum == CRC32C.masked(rest.prefix(8)), length <= UInt64(rest.count - 12),
                rest.count - 12 >= Int(length) + 4
            else { break }
            let message = rest.dropFirst(12).prefix(Int(length))
            let sum: UInt32 = number(rest.dropFirst(12 + Int(length)).prefix(4))
            guard sum == CRC32C.masked(message), let record = EventRecord(message) else { break }
            records.append(record)
            rest = rest.dropFirst(16 + Int(length))
        }
        return records
    }

    /// Reads a message; nil when it is damaged.
    ///
    /// Fields this program does not write are passed over.
    init?(_ message: ArraySlice<UInt8>) {
        self.init(wallTime: 0)
        guard let fields = Self.fields(message) else { return nil }
        for field in fields {
            switch field.number {
            case 1: wallTime = Double(bitPattern: Self.number(field.contents))
            case 2: step = Int64(bitPattern: field.value)
            case 3: fileVersion = String(decoding: field.contents, as: UTF8.self)
            case 5:
                guard let values = Self.fields(field.contents) else { return nil }
                for value in values where value.number == 1 {
                    guard let parts = Self.fields(value.contents) else { return nil }
                    var scalar = Scalar(tag: "", value: .nan)
                    for part in parts {
                        if part.number == 1 {
                            scalar.tag = String(decoding: part.contents, as: UTF8.self)
                        } else if part.number == 2 {
                            scalar.value = Float(bitPattern: Self.number(part.contents))
                        }
                    }
                    scalars.append(scalar)
                }
            default: break
            }
        }
    }

    private struct Field {
        var number: Int
        /// The number of a field that is one.
        var value: UInt64 = 0
        /// The bytes of a field of a fixed size or with a length.
        var contents: ArraySlice<UInt8> = []
    }

    private static func fields(_ message: ArraySlice<UInt8>) -> [Field]? {
        var fields: [Field] = []
        var rest = message
        func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count >= 0, rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        func variable() -> UInt64? {
            var (number, shift) = (UInt64(0), UInt64(0))
            while shift < 64, let byte = take(1)?.first {
                number |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return number }
                shift += 7
            }
            return nil
        }
        while !rest.isEmpty {
            guard let key = variable() else { return nil }
            var field = Field(number: Int(truncatingIfNeeded: key >> 3))
            switch key & 7 {
            case 0:
                guard let value = variable() else { return nil }
                field.value = value
            case 1, 5:
                guard let contents = take(key & 7 == 1 ? 8 : 4) else { return nil }
                field.contents = contents
            case 2:
                guard let length = variable(), length <= UInt64(rest.count),
                    let contents = take(Int(length))
                else { return nil }
                field.contents = contents
            default: return nil
            }
            fields.append(field)
        }
        return fields
    }

    private static func number<Number: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>) -> Number {
        bytes.reversed().reduce(Number(0)) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }
}
