/// Where a table is: one or several files, folders or patterns, and how to read them.
///
/// A folder stands for all table files in it and below, and a pattern such as `data/part-*.parquet`
/// for the files it matches, both in the order of their paths. Rows come in that order.
public struct TableSource: Hashable, Sendable {
    /// Files, folders and patterns with `*`, `?` and `[...]`.
    public var paths: [String]
    /// The files' format, or nil when their names tell it.
    public var format: TableFormat?
    /// How CSV files are to be read.
    public var csv: CSVOptions

    /// Creates a source of one or several paths.
    public init(_ paths: [String], format: TableFormat? = nil, csv: CSVOptions = CSVOptions()) {
        self.paths = paths
        self.format = format
        self.csv = csv
    }

    /// Creates a source of one path.
    public init(_ path: String, format: TableFormat? = nil, csv: CSVOptions = CSVOptions()) {
        self.init([path], format: format, csv: csv)
    }

    /// The names and types of the columns, from the first file and without reading all of it.
    ///
    /// Types of CSV columns are inferred from the first 4 MiB of text.
    ///
    /// - Throws: `TableError` when there is no file, or it cannot be read.
    public func columns() throws -> [ColumnDescription] { try PeekedTable(self).columns() }

    /// The line of a CSV file on which a row starts.
    ///
    /// - Parameters:
    ///   - row: the number of the row in the file, from 0, without the header.
    ///   - file: the file's path.
    /// - Returns: the line, from 1.
    /// - Throws: `TableError` when the file cannot be read or has no such row.
    public func line(ofRow row: Int, inFile file: String) throws -> Int {
        try lineOfRow(row, file: file)
    }
}
