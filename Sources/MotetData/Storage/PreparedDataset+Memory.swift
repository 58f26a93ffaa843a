public import MotetCore

/// The values of a column of prepared data in memory.
public enum PreparedValues: Sendable {
    /// Floats, `width` for each row.
    case floats([Float], width: Int = 1)
    /// Integers, `width` for each row.
    case integers([Int32], width: Int = 1)
    /// Bytes, `width` for each row; a batch holds them as floats, each times `scale`.
    case bytes([UInt8], width: Int, scale: Float = 1 / 255)
    /// Any number of integers for each row.
    case ragged([[Int32]])
    /// Any number of floats for each row.
    case raggedFloats([[Float]])
    /// A tensor of floats or integers, `[R]` or `[R, ...]`: the sizes behind the first make the width.
    case tensor(Tensor)
}

extension PreparedDataset {
    /// Makes a data set in memory, for programs and tests.
    ///
    /// - Parameters:
    ///   - columns: names and values; all of the same number of rows.
    ///   - contentKey: what the content is made from.
    /// - Throws: `TableError` when the columns differ in their rows or a tensor has another shape.
    public convenience init(
        inMemory columns: KeyValuePairs<String, PreparedValues>,
        contentKey: String = ""
    ) throws {
        try self.init(inMemory: columns.map { ($0.key, $0.value) }, contentKey: contentKey)
    }

    /// Makes a data set in memory, for programs and tests.
    ///
    /// - Parameters:
    ///   - columns: names and values; all of the same number of rows.
    ///   - contentKey: what the content is made from.
    /// - Throws: `TableError` when the columns differ in their rows or a tensor has another shape.
    public convenience init(
        inMemory columns: [(name: String, values: PreparedValues)],
        contentKey: String = ""
    ) throws {
        let made = try columns.map { try MemoryColumn($0.name, $0.values) }
        let rowCount = made.first?.rowCount ?? 0
        for column in made where column.rowCount != rowCount {
            throw TableError(
                .rowCount,
                "prepared data, column \"\(column.column.name)\": number of rows differs; expected "
                    + "\(rowCount) as in \"\(made[0].column.name)\"; received \(column.rowCount)."
            )
        }
        self.init(
            rowCount: rowCount,
            columns: made.map(\.column),
            contentKey: contentKey,
            values: made.map(\.values),
            offsets: made.map(\.offsets)
        )
    }
}

private struct MemoryColumn {
    var column: PreparedColumn
    var rowCount: Int
    var values: PreparedMemory
    var offsets: PreparedMemory?

    init(_ name: String, _ values: PreparedValues) throws(TableError) {
        switch values {
        case .floats(let floats, let width):
            let kind = PreparedKind.float32(width: width)
            try MemoryColumn.check(name, floats.count, kind)
            self.init(name, kind, floats.count / width, floats)
        case .integers(let integers, let width):
            let kind = PreparedKind.int32(width: width)
            try MemoryColumn.check(name, integers.count, kind)
            self.init(name, kind, integers.count / width, integers)
        case .bytes(let bytes, let width, let scale):
            let kind = PreparedKind.bytes(width: width, scale: scale)
            try MemoryColumn.check(name, bytes.count, kind)
            self.init(name, kind, bytes.count / width, bytes)
        case .ragged(let rows):
            self.init(name, .ragged, rows.count, rows.flatMap { $0 }, lengths: rows.map(\.count))
        case .raggedFloats(let rows):
            self.init(
                name,
                .raggedFloat32,
                rows.count,
                rows.flatMap { $0 },
                lengths: rows.map(\.count)
            )
        case .tensor(let tensor):
            let width = tensor.shape.dropFirst().reduce(1, *)
            guard let rowCount = tensor.shape.first, width > 0 else {
                throw TableError(
                    .columnTypeUnsupported,
                    "prepared data, column \"\(name)\": tensor has no rows of values; expected [R] "
                        + "or [R, ...] with sizes of at least 1; received \(tensor.shape)."
                )
            }
            if tensor.dtype == .float32 {
                self.init(name, .float32(width: width), rowCount, tensor.floats)
            } else {
                self.init(name, .int32(width: width), rowCount, tensor.integers)
            }
        }
    }

    private static func check(
        _ name: String,
        _ count: Int,
        _ kind: PreparedKind
    ) throws(TableError) {
        let who = "prepared data, column \"\(name)\""
        if let mistake = kind.mistake { throw TableError(.tableOption, "\(who): \(mistake).") }
        guard count.isMultiple(of: kind.width) else {
            throw TableError(
                .rowCount,
                "\(who): values do not fill rows; expected a multiple of the width \(kind.width); "
                    + "received \(count) values."
            )
        }
    }

    private init<Element: BitwiseCopyable>(
        _ name: String,
        _ kind: PreparedKind,
        _ rowCount: Int,
        _ elements: [Element],
        lengths: [Int]? = nil
    ) {
        column = PreparedColumn(name: name, kind: kind)
        column.valueCount = elements.count
        self.rowCount = rowCount
        values = elements.withUnsafeBufferPointer { PreparedMemory($0) }
        guard let lengths else { return }
        column.maximumLength = lengths.max() ?? 0
        var ends: [Int64] = [0]
        for length in lengths { ends.append((ends.last ?? 0) + Int64(length)) }
        offsets = ends.withUnsafeBufferPointer { PreparedMemory($0) }
    }
}
