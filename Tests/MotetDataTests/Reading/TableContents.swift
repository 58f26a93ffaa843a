import MotetData

/// A whole table as texts, `nil` for missing values, for comparisons in tests.
struct TableContents: Equatable {
    var columns: [String: [String?]] = [:]
    var rowCount = 0
    var places: [String] = []
}

extension ArrowColumn {
    /// The value of a row as text.
    func shown(at row: Int) -> String? {
        guard isValid(row) else { return nil }
        switch type {
        case .boolean: return "\(boolean(at: row))"
        case .string, .dictionary: return text(at: row)
        case .float32: return withValues(of: Float.self) { "\($0[row])" }
        case .float64: return number(at: row).map { "\($0)" }
        case .list:
            let values = elements
            return withListOffsets { offsets in
                let range = Int(offsets[row])..<Int(offsets[row + 1])
                return "[" + range.map { values.shown(at: $0) ?? "nil" }.joined(separator: ", ")
                    + "]"
            }
        default:
            var integers = [Int64](repeating: 0, count: count)
            integers.withUnsafeMutableBufferPointer { _ = copyIntegers(into: $0) }
            return "\(integers[row])"
        }
    }
}

extension TableSource {
    /// Reads everything.
    func contents(
        _ columns: [ColumnRequest]? = nil,
        options: TableReadingOptions = TableReadingOptions()
    ) throws -> TableContents {
        let reader = try TableReader(self, columns: columns, options: options)
        var contents = TableContents()
        for column in reader.schema { contents.columns[column.name] = [] }
        while let batch = try reader.next() {
            for column in batch.columns {
                contents.columns[column.name]?.append(
                    contentsOf: (0..<batch.rowCount).map { column.shown(at: $0) }
                )
            }
            contents.places.append(
                "\(batch.file.split(separator: "/").last ?? ""):\(batch.firstRow)"
            )
            contents.rowCount += batch.rowCount
        }
        return contents
    }
}
