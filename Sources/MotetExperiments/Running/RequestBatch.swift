public import MotetData
import MotetNN

/// The rows of a request, encoded: what holds for all of them once, the rest row by row.
public struct RequestBatch: Sendable {
    /// Rows whose order is that of their scenarios, or the parts of rows that are put together column by column.
    enum Content: Sendable {
        case whole(BatchBuffer)
        case parts([BatchBuffer], Predictor)
    }

    let content: Content
    /// The number of rows.
    public let rowCount: Int
    /// The prepared columns that were encoded once for all rows.
    public let once: Set<String>
}

/// A table of items, encoded once for all requests that name them.
public struct EncodedItems: Sendable {
    /// The columns as a request would spell them, for what is not encoded alone.
    let raw: [String: [RawValue]]
    /// The prepared columns that need nothing but the table.
    let encoded: PreparedDataset

    /// The columns of the table that the run reads.
    public var columns: Set<String> { Set(raw.keys) }

    /// The values of some rows, as a request would spell them; nil for a column that the table does not have.
    public func values(_ column: String, _ rows: [Int]) -> RawRows.Column? {
        raw[column].map { values in .each(rows.map { values[$0] }) }
    }
}

/// Rows of a table of items that a request names.
public struct ItemRows: Sendable {
    /// The table.
    public var table: EncodedItems
    /// For each row of the request its row of the table.
    public var rows: [Int]

    /// Names rows.
    public init(_ table: EncodedItems, rows: [Int]) {
        self.table = table
        self.rows = rows
    }
}
