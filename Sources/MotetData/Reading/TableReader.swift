import CArrow

/// How large the batches of a table are and how they are made.
public struct TableReadingOptions: Hashable, Sendable {
    /// The most rows of a batch of a Parquet file.
    public var batchRows: Int
    /// The bytes of text that make one batch of a CSV file, but at least one row.
    public var blockBytes: Int
    /// Whether several threads decode; the batches are the same either way.
    public var usesThreads: Bool

    /// Creates options.
    public init(batchRows: Int = 65_536, blockBytes: Int = 1 << 20, usesThreads: Bool = true) {
        self.batchRows = batchRows
        self.blockBytes = blockBytes
        self.usesThreads = usesThreads
    }
}

/// Reads a table batch by batch, in the order of its files and rows.
///
/// A thread reads ahead by two batches, so memory does not grow with the size of the files. The
/// columns and types of the first file hold for all files.
public final class TableReader {
    /// The columns of every batch, in order.
    public let schema: [ColumnDescription]
    /// The files, in reading order.
    public let files: [String]
    private let source: TableSource
    private let format: TableFormat
    private let table: OpaquePointer

    /// Opens a table.
    ///
    /// - Parameters:
    ///   - source: where the table is.
    ///   - columns: the columns to read, in this order; nil for all.
    ///   - options: the size of the batches and the use of threads.
    /// - Throws: `TableError` when a file or a column is missing or cannot be read.
    public convenience init(
        _ source: TableSource,
        columns: [ColumnRequest]? = nil,
        options: TableReadingOptions = TableReadingOptions()
    ) throws {
        try self.init(PeekedTable(source), columns: columns, options: options)
    }

    /// Opens a table that was looked at.
    init(
        _ table: PeekedTable,
        columns: [ColumnRequest]? = nil,
        options: TableReadingOptions = TableReadingOptions()
    ) throws {
        let (source, files) = (table.source, table.files)
        let columns = try table.resolve(columns)
        guard options.batchRows > 0, options.blockBytes > 0 else {
            throw TableError(
                .tableOption,
                "table reading: batches are empty; expected at least 1 row and 1 byte; received "
                    + "\(options.batchRows) rows and \(options.blockBytes) bytes."
            )
        }
        self.source = source
        self.files = files.paths
        format = files.format
        schema = columns.columns
        self.table = try source.withRequest(files, columns, options: options) { request in
            var table: OpaquePointer?
            var message: UnsafeMutablePointer<CChar>?
            let status = motet_table_open(request, &table, &message)
            guard status == MOTET_TABLE_OK, let table else {
                throw TableError(status: status, message: message)
            }
            return table
        }
    }

    deinit { motet_table_close(table) }

    /// Waits for the next batch.
    ///
    /// - Returns: the batch, or nil when all rows were read.
    /// - Throws: `TableError` when a row or a value cannot be read, with its place.
    public func next() throws -> RecordBatch? {
        var batch = MotetTableBatch()
        var message: UnsafeMutablePointer<CChar>?
        let status = motet_table_next(table, &batch, &message)
        guard status == MOTET_TABLE_OK else { throw TableError(status: status, message: message) }
        guard batch.array.release != nil else { return nil }
        return RecordBatch(
            storage: ArrowStorage(batch.array),
            schema: schema,
            file: files[Int(batch.file)],
            firstRow: Int(batch.first_row)
        )
    }

    /// Where a row of a batch stands, for messages: `train.csv:1042` or `train.parquet, row 1041`.
    ///
    /// For CSV files this reads the file up to the row, so it is meant for errors only.
    ///
    /// - Parameters:
    ///   - row: the row's index in the batch.
    ///   - batch: a batch of this reader.
    /// - Returns: the file and the line, or the number of the row from 1.
    public func place(ofRow row: Int, in batch: RecordBatch) -> String {
        let number = batch.firstRow + row
        if format == .csv, let line = try? source.line(ofRow: number, inFile: batch.file) {
            return "\(batch.file):\(line)"
        }
        return "\(batch.file), row \(number + 1)"
    }
}
