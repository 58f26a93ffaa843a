import CArrow
import MotetCore

/// Some consecutive rows of a table, column by column.
public struct RecordBatch: Sendable {
    /// The number of rows.
    public let rowCount: Int
    /// The columns, in the order they were asked for.
    public let columns: [ArrowColumn]
    /// The path of the file the rows come from.
    public let file: String
    /// The number of the first row in that file, from 0.
    public let firstRow: Int

    init(storage: ArrowStorage, schema: [ColumnDescription], file: String, firstRow: Int) {
        rowCount = Int(storage.array.pointee.length)
        columns = schema.indices.map { index in
            ArrowColumn(storage: storage, child: index, schema[index])
        }
        self.file = file
        self.firstRow = firstRow
    }

    /// The column of a name, or nil.
    public subscript(name: String) -> ArrowColumn? { columns.first { $0.name == name } }

    /// The column of a name.
    ///
    /// - Parameter name: a name of the reader's schema.
    /// - Returns: the column.
    /// - Throws: `TableError` with the code `column_unknown`.
    public func column(_ name: String) throws -> ArrowColumn {
        if let column = self[name] { return column }
        let known = columns.map(\.name)
        throw TableError(
            .columnUnknown,
            "batch of \"\(file)\": no column \"\(name)\"; expected one of "
                + "\(known.joined(separator: ", "))." + Suggestion.sentence(for: name, in: known)
        )
    }
}
