import CArrow

/// The memory of a batch, given back to Arrow when no column uses it any more.
///
/// `@unchecked Sendable`: Arrow arrays are immutable, and the last owner alone releases them.
final class ArrowStorage: @unchecked Sendable {
    let array: UnsafeMutablePointer<ArrowArray>

    /// Takes over an exported array.
    init(_ exported: ArrowArray) {
        array = .allocate(capacity: 1)
        array.initialize(to: exported)
    }

    deinit {
        array.pointee.release?(array)
        array.deallocate()
    }
}

/// A column of a batch: immutable values in Arrow's layout, read in bulk or one by one.
///
/// `@unchecked Sendable`: it only reads memory that `ArrowStorage` keeps alive and nobody writes.
public final class ArrowColumn: @unchecked Sendable {
    /// The column's name.
    public let name: String
    /// The type of its values.
    public let type: ColumnType
    /// The number of rows.
    public let count: Int
    private let storage: ArrowStorage
    private let array: UnsafePointer<ArrowArray>

    convenience init(storage: ArrowStorage, child: Int, _ description: ColumnDescription) {
        guard let array = storage.array.pointee.children?[child] else {
            preconditionFailure("ArrowColumn: the batch has no column \(child).")
        }
        self.init(storage: storage, array: array, description)
    }

    private init(
        storage: ArrowStorage,
        array: UnsafePointer<ArrowArray>,
        _ description: ColumnDescription
    ) {
        self.storage = storage
        self.array = array
        name = description.name
        // Texts have three buffers; with two they are the integers that the request accepts.
        let isIntegers = description.type == .string && array.pointee.n_buffers == 2
        type = isIntegers ? .int64 : description.type
        count = Int(array.pointee.length)
    }

    private var offset: Int { Int(array.pointee.offset) }

    private func buffer(_ index: Int) -> UnsafeRawPointer? {
        index < array.pointee.n_buffers ? array.pointee.buffers[index] : nil
    }

    private var validity: UnsafePointer<UInt8>? {
        array.pointee.null_count == 0 ? nil : buffer(0)?.assumingMemoryBound(to: UInt8.self)
    }
}

// MARK: Missing values

extension ArrowColumn {
    /// Whether some value may be missing; when false, all are there.
    public var mayHaveNulls: Bool { validity != nil }

    /// The number of missing values.
    public var nullCount: Int {
        guard let validity else { return 0 }
        if array.pointee.null_count > 0 { return Int(array.pointee.null_count) }
        var valid = 0
        for row in offset..<(offset + count) { valid += Int(validity[row >> 3] >> (row & 7)) & 1 }
        return count - valid
    }

    /// Whether a row has a value.
    public func isValid(_ row: Int) -> Bool {
        guard let validity else { return true }
        let bit = row + offset
        return (validity[bit >> 3] >> (bit & 7)) & 1 == 1
    }

    /// Writes for each row whether it has a value.
    ///
    /// - Parameter destination: memory for `count` flags.
    public func copyValidity(into destination: UnsafeMutableBufferPointer<Bool>) {
        precondition(destination.count >= count, "ArrowColumn: the destination is too small.")
        guard let validity else {
            destination.prefix(count).update(repeating: true)
            return
        }
        for row in 0..<count {
            let bit = row + offset
            destination[row] = (validity[bit >> 3] >> (bit & 7)) & 1 == 1
        }
    }
}

// MARK: Values

extension ArrowColumn {
    /// Reads the values as they are stored; missing ones are arbitrary.
    ///
    /// - Parameters:
    ///   - element: the Swift type that `type` stores: `Int32` for `.int32`, and for `.dictionary`
    ///     its indices, `Int64` for `.timestamp`.
    ///   - body: reads `count` values.
    /// - Returns: what `body` returns.
    public func withValues<Element: BitwiseCopyable, Result>(
        of element: Element.Type,
        _ body: (UnsafeBufferPointer<Element>) throws -> Result
    ) rethrows -> Result {
        precondition(
            type.isStored(as: element),
            "ArrowColumn \"\(name)\": \(type) is not stored as \(element)."
        )
        defer { withExtendedLifetime(storage) {} }
        let start = buffer(1)?.assumingMemoryBound(to: element).advanced(by: offset)
        return try body(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    /// The value of a boolean column; missing ones are arbitrary.
    public func boolean(at row: Int) -> Bool {
        precondition(type == .boolean, "ArrowColumn \"\(name)\": \(type) is not boolean.")
        defer { withExtendedLifetime(storage) {} }
        guard let bits = buffer(1)?.assumingMemoryBound(to: UInt8.self) else { return false }
        let bit = row + offset
        return (bits[bit >> 3] >> (bit & 7)) & 1 == 1
    }

    /// Reads the texts of a `.string` column.
    ///
    /// - Parameter body: reads the texts.
    /// - Returns: what `body` returns.
    public func withTexts<Result>(_ body: (ArrowTexts) throws -> Result) rethrows -> Result {
        precondition(type == .string, "ArrowColumn \"\(name)\": \(type) is not string.")
        defer { withExtendedLifetime(storage) {} }
        let offsets = buffer(1)?.assumingMemoryBound(to: Int32.self).advanced(by: offset)
        let bytes = buffer(2)?.assumingMemoryBound(to: UInt8.self)
        return try body(
            ArrowTexts(count: offsets == nil ? 0 : count, offsets: offsets, bytes: bytes)
        )
    }

    /// The distinct texts of a `.dictionary` column, a `.string` column that its indices point into.
    ///
    /// They belong to this batch: another batch may number the same texts differently.
    public var dictionary: ArrowColumn {
        guard type == .dictionary, let values = array.pointee.dictionary else {
            preconditionFailure("ArrowColumn \"\(name)\": \(type) has no dictionary.")
        }
        return ArrowColumn(
            storage: storage,
            array: values,
            ColumnDescription(name: name, type: .string)
        )
    }

    /// The text of a row of a `.string` or `.dictionary` column, or nil where it is missing.
    public func text(at row: Int) -> String? {
        guard isValid(row) else { return nil }
        if type == .dictionary {
            let index = withValues(of: Int32.self) { Int($0[row]) }
            return dictionary.text(at: index)
        }
        return withTexts { String(decoding: $0[row], as: UTF8.self) }
    }
}

// MARK: Lists

extension ArrowColumn {
    /// The elements of all lists, one after the other; `withListOffsets` tells which are whose.
    public var elements: ArrowColumn {
        guard case .list(let element) = type, let child = array.pointee.children?[0] else {
            preconditionFailure("ArrowColumn \"\(name)\": \(type) is not a list.")
        }
        return ArrowColumn(
            storage: storage,
            array: child,
            ColumnDescription(name: name, type: element)
        )
    }

    /// Reads where the lists are in `elements`: row `r` has `offsets[r] ..< offsets[r + 1]`.
    ///
    /// - Parameter body: reads `count + 1` offsets; a missing list has no elements.
    /// - Returns: what `body` returns.
    public func withListOffsets<Result>(
        _ body: (UnsafeBufferPointer<Int32>) throws -> Result
    ) rethrows -> Result {
        guard case .list = type else {
            preconditionFailure("ArrowColumn \"\(name)\": \(type) is not a list.")
        }
        defer { withExtendedLifetime(storage) {} }
        let start = buffer(1)?.assumingMemoryBound(to: Int32.self).advanced(by: offset)
        return try body(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count + 1))
    }
}

extension ColumnType {
    /// Whether values are stored one after the other as values of a Swift type.
    fileprivate func isStored<Element>(as element: Element.Type) -> Bool {
        switch self {
        case .int8: element == Int8.self
        case .int16: element == Int16.self
        case .int32, .dictionary: element == Int32.self
        case .int64, .timestamp: element == Int64.self
        case .uint8: element == UInt8.self
        case .uint16: element == UInt16.self
        case .uint32: element == UInt32.self
        case .uint64: element == UInt64.self
        case .float32: element == Float.self
        case .float64: element == Double.self
        case .boolean, .string, .list: false
        }
    }
}
