/// Writes one column of a prepared data set; columns may be written at the same time.
final class PreparedColumnWriter {
    private(set) var column: PreparedColumn
    private(set) var rowCount = 0
    private let values: PreparedFileWriter
    private let offsets: PreparedFileWriter?
    /// Where the rows of one block end, while it is written.
    private var ends: [Int64] = []

    /// Makes the column's files.
    ///
    /// - Parameters:
    ///   - column: its name and kind.
    ///   - folder: where.
    ///   - stem: the start of the files' names.
    /// - Throws: `TableError` where they cannot be made.
    init(_ column: PreparedColumn, folder: String, stem: String) throws {
        self.column = PreparedColumn(name: column.name, kind: column.kind)
        values = try PreparedFileWriter(
            folder: folder,
            name: stem + column.kind.fileExtension
        )
        offsets =
            column.kind.isRagged
            ? try PreparedFileWriter(folder: folder, name: stem + ".offsets") : nil
        try offsets?.append(Int64(0))
    }

    /// Appends rows with a fixed number of values.
    func append<Element: BitwiseCopyable>(_ elements: UnsafeBufferPointer<Element>) throws {
        try values.append(elements)
        rowCount += elements.count / column.kind.width
        column.valueCount += elements.count
    }

    /// Appends ragged rows: row `r` has `elements[rows[r] ..< rows[r + 1]]`.
    func append<Element: BitwiseCopyable>(
        _ elements: UnsafeBufferPointer<Element>,
        rows: UnsafeBufferPointer<Int32>
    ) throws {
        guard let first = rows.first, let last = rows.last, rows.count > 1 else { return }
        let base = Int64(column.valueCount)
        var longest = column.maximumLength
        ends.removeAll(keepingCapacity: true)
        for row in 1..<rows.count {
            precondition(
                rows[row] >= rows[row - 1] && Int(rows[row]) <= elements.count,
                "PreparedDatasetWriter: offsets of column \"\(column.name)\" are not in order."
            )
            longest = max(longest, Int(rows[row] - rows[row - 1]))
            ends.append(base + Int64(rows[row] - first))
        }
        let part = UnsafeBufferPointer(rebasing: elements[Int(first)..<Int(last)])
        try values.append(part)
        try ends.withUnsafeBufferPointer { try offsets?.append($0) }
        column.maximumLength = longest
        column.valueCount += part.count
        rowCount += rows.count - 1
    }

    /// Brings the files to the disk, closes them and describes them.
    func finish() throws -> PreparedManifest.Column {
        PreparedManifest.Column(
            column: column,
            values: try values.finish(),
            offsets: try offsets?.finish()
        )
    }
}
