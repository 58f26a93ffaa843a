public import MotetCore

/// A table ready for training: numbers only, column by column, in mapped files or in memory.
///
/// A folder holds `manifest.json` and raw little-endian files of values of 4 bytes (of 1 in columns
/// of bytes), one for each column, with 8-byte offsets beside the ragged ones. The files are mapped,
/// not read, so a data set may be larger than memory.
public final class PreparedDataset: Sendable {
    /// The number of rows.
    public let rowCount: Int
    /// The columns, in the order they were written.
    public let columns: [PreparedColumn]
    /// What the content was made from; equal keys mean equal content.
    public let contentKey: String
    /// What is changed of pictures whenever a trainer makes batches to learn from.
    public let augmentations: [ImageAugmentation]
    let values: [PreparedMemory]
    let offsets: [PreparedMemory?]

    init(
        rowCount: Int,
        columns: [PreparedColumn],
        contentKey: String,
        values: [PreparedMemory],
        offsets: [PreparedMemory?],
        augmentations: [ImageAugmentation] = []
    ) {
        self.augmentations = augmentations
        self.rowCount = rowCount
        self.columns = columns
        self.contentKey = contentKey
        self.values = values
        self.offsets = offsets
    }

    /// The number of bytes of all columns.
    public var byteCount: Int {
        zip(values, offsets).reduce(0) { $0 + $1.0.bytes.count + ($1.1?.bytes.count ?? 0) }
    }

    /// The position of a column in `columns`.
    ///
    /// - Parameter name: the column's name.
    /// - Returns: its index.
    /// - Throws: `TableError` with the code `column_unknown`.
    public func index(of name: String) throws(TableError) -> Int {
        if let index = columns.firstIndex(where: { $0.name == name }) { return index }
        let known = columns.map(\.name)
        let shown = known.prefix(12).joined(separator: ", ") + (known.count > 12 ? ", ..." : "")
        throw TableError(
            .columnUnknown,
            "prepared data, column \"\(name)\": no such column; expected one of \(shown)."
                + Suggestion.sentence(for: name, in: known)
        )
    }

    /// Reads a column of floats: `rowCount * width` values, row-major.
    ///
    /// - Parameters:
    ///   - name: a column of kind `float32`.
    ///   - body: reads the values.
    /// - Returns: what `body` returns.
    /// - Throws: `TableError` when there is no such column of floats, or what `body` throws.
    public func withFloats<Result>(
        _ name: String,
        _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) throws -> Result {
        let index = try index(of: name, where: { $0.isFloat && !$0.isRagged }, "a float column")
        defer { withExtendedLifetime(self) {} }
        return try body(values[index].bytes.bindMemory(to: Float.self))
    }

    /// Reads a column of integers: `rowCount * width` values, row-major.
    ///
    /// - Parameters:
    ///   - name: a column of kind `int32`.
    ///   - body: reads the values.
    /// - Returns: what `body` returns.
    /// - Throws: `TableError` when there is no such column of integers, or what `body` throws.
    public func withIntegers<Result>(
        _ name: String,
        _ body: (UnsafeBufferPointer<Int32>) throws -> Result
    ) throws -> Result {
        let index = try index(of: name, where: \.isInteger, "an integer column")
        defer { withExtendedLifetime(self) {} }
        return try body(values[index].bytes.bindMemory(to: Int32.self))
    }

    /// Reads a column of bytes: `rowCount * width` values, row-major, before they are scaled.
    ///
    /// - Parameters:
    ///   - name: a column of kind `bytes`.
    ///   - body: reads the values.
    /// - Returns: what `body` returns.
    /// - Throws: `TableError` when there is no such column of bytes, or what `body` throws.
    public func withBytes<Result>(
        _ name: String,
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) throws -> Result {
        let index = try index(of: name, where: { $0.byteScale != nil }, "a column of bytes")
        defer { withExtendedLifetime(self) {} }
        return try body(values[index].bytes.bindMemory(to: UInt8.self))
    }

    /// Reads a ragged column of integers: row `r` has `values[offsets[r] ..< offsets[r + 1]]`.
    ///
    /// - Parameters:
    ///   - name: a column of kind `ragged`.
    ///   - body: reads the values and the `rowCount + 1` offsets.
    /// - Returns: what `body` returns.
    /// - Throws: `TableError` when there is no such ragged column, or what `body` throws.
    public func withRagged<Result>(
        _ name: String,
        _ body: (_ values: UnsafeBufferPointer<Int32>, _ offsets: UnsafeBufferPointer<Int64>) throws
            -> Result
    ) throws -> Result {
        let index = try index(of: name, where: { $0 == .ragged }, "a ragged column of integers")
        defer { withExtendedLifetime(self) {} }
        return try body(
            values[index].bytes.bindMemory(to: Int32.self),
            rowOffsets(index)
        )
    }

    /// Reads a ragged column of floats: row `r` has `values[offsets[r] ..< offsets[r + 1]]`.
    ///
    /// - Parameters:
    ///   - name: a column of kind `raggedFloat32`.
    ///   - body: reads the values and the `rowCount + 1` offsets.
    /// - Returns: what `body` returns.
    /// - Throws: `TableError` when there is no such ragged column, or what `body` throws.
    public func withRaggedFloats<Result>(
        _ name: String,
        _ body: (_ values: UnsafeBufferPointer<Float>, _ offsets: UnsafeBufferPointer<Int64>) throws
            -> Result
    ) throws -> Result {
        let index = try index(of: name, where: { $0 == .raggedFloat32 }, "a ragged float column")
        defer { withExtendedLifetime(self) {} }
        return try body(
            values[index].bytes.bindMemory(to: Float.self),
            rowOffsets(index)
        )
    }

    func rowOffsets(_ index: Int) -> UnsafeBufferPointer<Int64> {
        guard let offsets = offsets[index] else { return UnsafeBufferPointer(start: nil, count: 0) }
        return offsets.bytes.bindMemory(to: Int64.self)
    }

    private func index(
        of name: String,
        where isRight: (PreparedKind) -> Bool,
        _ expected: String
    ) throws(TableError) -> Int {
        let index = try index(of: name)
        guard isRight(columns[index].kind) else {
            throw TableError(
                .columnTypeUnsupported,
                "prepared data, column \"\(name)\": column is of another kind; expected \(expected); "
                    + "received \(columns[index].kind)."
            )
        }
        return index
    }
}

extension ErrorCode {
    /// Prepared data that is missing, damaged or made from something else: prepare it again.
    public static let preparedStale = ErrorCode(rawValue: "prepared_stale")
    /// Columns of prepared data that differ in their number of rows.
    public static let rowCount = ErrorCode(rawValue: "row_count")
}
