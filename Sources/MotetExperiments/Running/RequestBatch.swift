import MotetCore
public import MotetData
import MotetNN

/// The rows of a request, encoded: what holds for all of them once, the rest row by row.
///
/// Its memory goes to the next request when it is gone.
public struct RequestBatch: ~Copyable {
    let program: RequestProgram
    let workspace: RequestWorkspace
    /// The number of rows.
    public let rowCount: Int
    /// The prepared columns that were encoded once for all rows.
    public var once: Set<String> { program.once }

    init(_ program: RequestProgram, rows: Int) throws {
        self.program = program
        workspace = try program.take(rows: rows)
        rowCount = rows
    }

    deinit { program.give(workspace) }
}

/// A table of items, encoded once for all requests that name them.
public struct EncodedItems: Sendable {
    /// The columns as a request would spell them, for what is not encoded alone.
    let raw: [String: [RawValue]]
    /// The prepared columns that need nothing but the table.
    let encoded: PreparedDataset
    /// What models compute of them alone.
    let tables: ItemTables

    init(
        raw: [String: [RawValue]],
        encoded: PreparedDataset,
        tables limits: (mostBytes: Int, leastOperations: Int)
    ) {
        self.raw = raw
        columns = Set(raw.keys)
        self.encoded = encoded
        tables = ItemTables(
            EncodedColumns(encoded: encoded),
            mostBytes: limits.mostBytes,
            leastOperations: limits.leastOperations
        )
    }

    /// The bytes of what models computed of the items alone.
    public var storedBytes: Int { tables.bytes }

    /// The columns of the table that the run reads.
    public let columns: Set<String>

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

    /// The value of a row of the request, as a request would spell it; nil for a column that the table does not have.
    public func value(_ column: String, _ row: Int) -> RawValue? {
        table.raw[column].map { $0[rows[row]] }
    }
}

/// The encoded columns of a table of items, as predictors read them.
private struct EncodedColumns: ItemColumns {
    let encoded: PreparedDataset

    var count: Int { encoded.rowCount }

    func withColumns(
        of items: Range<Int>,
        _ inputs: [String],
        _ body: ([SizeSymbol: Int], [UnsafeRawPointer]) throws -> Void
    ) throws {
        let read = Set(inputs.map(RunPredictor.column))
        let columns = encoded.columns.map(\.name).filter(read.contains)
        let batch = try encoded.batch(columns, rows: Array(items))
        let elements = inputs.compactMap { name in
            batch.index(of: name).map { UnsafeRawPointer(batch.pointer($0)) }
        }
        try withExtendedLifetime(batch) { try body(batch.sizes, elements) }
    }
}
