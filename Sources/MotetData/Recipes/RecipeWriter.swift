/// Writes a prepared file stretch by stretch.
final class RecipeWriter {
    private let path: String
    private var writer: TableWriter?

    /// Prepares to write a file; it is made with the first rows, and takes its name at the end.
    init(_ path: String) { self.path = path }

    /// Appends rows; every stretch has the same columns.
    func append(_ table: RecipeTable) throws {
        let writer = try writer ?? TableWriter(path: path, columns: table.descriptions)
        self.writer = writer
        try writer.append(table.columns.map(\.values.tableValues))
    }

    /// Brings the file to the disk.
    func finish() throws {
        guard let writer else {
            throw DatasetError(
                .datasetContent,
                "\(path): there are no rows to write; expected at least one. The original files "
                    + "may be of another version."
            )
        }
        try writer.finish()
    }
}

extension RecipeTable {
    fileprivate var descriptions: [ColumnDescription] {
        columns.map { ColumnDescription(name: $0.name, type: $0.values.type) }
    }
}

extension RecipeTable.Values {
    fileprivate var type: ColumnType {
        switch self {
        case .integers: .int32
        case .numbers: .float32
        case .texts, .textLists: .string
        case .integerLists: .list(.int32)
        }
    }

    fileprivate var tableValues: TableValues {
        switch self {
        case .integers(let values): return .int32(values)
        case .numbers(let values): return .float32(values)
        case .texts(let column):
            return .string(column.codes.map { $0 < 0 ? nil : column.values[Int($0)] })
        case .integerLists(let offsets, let values):
            return .list(
                zip(offsets, offsets.dropFirst()).map { Array(values[Int($0)..<Int($1)]) }
            )
        case .textLists(let offsets, let column):
            return .string(
                zip(offsets, offsets.dropFirst()).map { start, end in
                    column.codes[Int(start)..<Int(end)]
                        .map { $0 < 0 ? "" : column.values[Int($0)] }
                        .joined(separator: "|")
                }
            )
        }
    }
}
