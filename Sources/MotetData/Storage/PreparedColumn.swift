/// How a prepared column stores its rows.
public enum PreparedKind: Hashable, Sendable, Codable {
    /// `width` floats for each row, row-major: `[R, width]`.
    case float32(width: Int)
    /// `width` integers for each row, row-major, such as the ids of a text's tokens: `[R, width]`, or
    /// `[R]` where the width is 1.
    case int32(width: Int)
    /// `width` bytes for each row, row-major, such as the pixels of a picture; a batch holds them as
    /// floats, each times `scale`: `[R, width]`.
    case bytes(width: Int, scale: Float)
    /// Any number of integers for each row: values and `R + 1` offsets.
    case ragged
    /// Any number of floats for each row: values and `R + 1` offsets.
    case raggedFloat32

    /// One integer for each row, such as an id: `[R]`.
    public static let int32 = PreparedKind.int32(width: 1)

    /// Whether rows differ in their number of values.
    public var isRagged: Bool { self == .ragged || self == .raggedFloat32 }

    /// The values of a row where that number is fixed, else 1.
    var width: Int {
        switch self {
        case .float32(let width), .int32(let width), .bytes(let width, _): width
        case .ragged, .raggedFloat32: 1
        }
    }

    /// Whether each row has the same number of integers.
    var isInteger: Bool {
        if case .int32 = self { true } else { false }
    }

    var isFloat: Bool {
        switch self {
        case .float32, .raggedFloat32: true
        case .int32, .ragged, .bytes: false
        }
    }

    /// By what the values are multiplied, where they are bytes.
    var byteScale: Float? {
        if case .bytes(_, let scale) = self { scale } else { nil }
    }

    /// The stored size of a value in bytes.
    var elementSize: Int { byteScale == nil ? 4 : 1 }

    /// What the name of the values' file ends with.
    var fileExtension: String { byteScale != nil ? ".u8" : isFloat ? ".f32" : ".i32" }

    /// What is wrong with the kind, as `<what>; expected ...; received ...`, or nil.
    var mistake: String? {
        if width < 1 {
            return "'width' is out of range; expected at least 1; received \(width)"
        }
        guard let scale = byteScale, !(scale > 0 && scale.isFinite) else { return nil }
        return "'scale' is out of range; expected a finite number above 0; received \(scale)"
    }
}

/// A column of a prepared data set.
public struct PreparedColumn: Hashable, Sendable, Codable {
    /// The column's name.
    public let name: String
    /// How its rows are stored.
    public let kind: PreparedKind
    /// The number of values in all rows.
    public internal(set) var valueCount: Int
    /// The most values of any row; the width where it is fixed.
    public internal(set) var maximumLength: Int

    /// Describes a column that is to be written.
    public init(name: String, kind: PreparedKind) {
        self.name = name
        self.kind = kind
        valueCount = 0
        maximumLength = kind.isRagged ? 0 : kind.width
    }
}
