/// The type of the values of a table's column.
public indirect enum ColumnType: Hashable, Sendable {
    /// True or false, stored as bits.
    case boolean
    /// Signed integers of 8, 16, 32 and 64 bits.
    case int8, int16, int32, int64
    /// Unsigned integers of 8, 16, 32 and 64 bits.
    case uint8, uint16, uint32, uint64
    /// IEEE 754 numbers of single and double precision.
    case float32, float64
    /// Text in UTF-8.
    case string
    /// Text in UTF-8, stored as the index of each value in the batch's list of distinct texts.
    case dictionary
    /// Microseconds since 1970-01-01 00:00:00 UTC, as `int64`; dates are their midnight.
    case timestamp
    /// A list of values of a type that is not itself a list.
    case list(ColumnType)

    /// Whether the values are numbers, for which the bulk conversions work.
    public var isNumeric: Bool {
        switch self {
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64:
            true
        default: false
        }
    }

    /// Whether the values are whole numbers.
    public var isInteger: Bool { isNumeric && self != .float32 && self != .float64 }

    /// Whether the values are text, plain or as a dictionary.
    public var isText: Bool { self == .string || self == .dictionary }
}

extension ColumnType: CustomStringConvertible {
    /// The name as it stands in messages, such as `int64` or `list<int32>`.
    public var description: String {
        switch self {
        case .boolean: "boolean"
        case .int8: "int8"
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .uint8: "uint8"
        case .uint16: "uint16"
        case .uint32: "uint32"
        case .uint64: "uint64"
        case .float32: "float32"
        case .float64: "float64"
        case .string: "string"
        case .dictionary: "dictionary"
        case .timestamp: "timestamp"
        case .list(let element): "list<\(element)>"
        }
    }
}

/// The name and type of a column.
public struct ColumnDescription: Hashable, Sendable {
    /// The column's name.
    public let name: String
    /// The type its values are read in.
    public let type: ColumnType

    /// Creates a description.
    public init(name: String, type: ColumnType) {
        self.name = name
        self.type = type
    }
}

/// A column to read and, where it should differ from the file's, the type to read it in.
public struct ColumnRequest: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The column's name.
    public let name: String
    /// The type asked for, or nil for the file's.
    public let type: ColumnType?
    /// Whether a batch may give a text column as `.int64`, where all of its values are integers that
    /// are spelled as they would be printed: numbering them is then cheaper.
    var acceptsIntegers = false

    /// Creates a request.
    public init(_ name: String, type: ColumnType? = nil) {
        self.name = name
        self.type = type
    }

    /// Asks for a column in the file's type.
    public init(stringLiteral value: String) { self.init(value) }
}
