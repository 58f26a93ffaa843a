import CArrow
import Foundation

/// The values of a column for some rows that are to be written.
public enum TableValues {
    /// Signed integers of 32 bits.
    case int32([Int32])
    /// Signed integers of 64 bits.
    case int64([Int64])
    /// Floats; NaN is written as such, not as missing.
    case float32([Float])
    /// Doubles; NaN is written as such, not as missing.
    case float64([Double])
    /// True or false.
    case boolean([Bool])
    /// Texts, nil where missing.
    case string([String?])
    /// Texts of which few differ, as their numbers in a list.
    case category([Int32], of: [String])
    /// Lists of integers; not for CSV.
    case list([[Int32]])

    /// The number of rows.
    public var count: Int {
        switch self {
        case .int32(let values): values.count
        case .int64(let values): values.count
        case .float32(let values): values.count
        case .float64(let values): values.count
        case .boolean(let values): values.count
        case .string(let values): values.count
        case .category(let codes, of: _): codes.count
        case .list(let values): values.count
        }
    }

    /// The column type these values are of.
    public var type: ColumnType {
        switch self {
        case .int32: .int32
        case .int64: .int64
        case .float32: .float32
        case .float64: .float64
        case .boolean: .boolean
        case .string, .category: .string
        case .list: .list(.int32)
        }
    }
}

/// Writes a table of any length, batch by batch, as Parquet, CSV or Arrow by the file's name.
///
/// The file is written under another name in the same folder and takes its own only when `finish()`
/// has brought it to the disk; on any error, and when the writer goes away before, nothing is left.
public final class TableWriter {
    private let path: String
    private let columns: [ColumnDescription]
    private let temporaryPath: String
    private var writer: OpaquePointer?

    /// Starts a file.
    ///
    /// - Parameters:
    ///   - path: the file to make; one that is there is replaced at the end.
    ///   - columns: names and types: `int32`, `int64`, `float32`, `float64`, `boolean`, `string` or
    ///     `list(int32)`.
    ///   - format: the format; nil when the name tells it.
    ///   - spread: the columns whose values hardly ever come again. A Parquet file then has no dictionaries of
    ///     them, which would cost time and save nothing.
    /// - Throws: `TableError` when the format or a type cannot be written or the folder cannot.
    public init(
        path: String,
        columns: [ColumnDescription],
        format: TableFormat? = nil,
        spread: Set<String> = []
    ) throws {
        self.path = path
        self.columns = columns
        temporaryPath = TableWriter.temporaryPath(for: path)
        let format = try TableWriter.format(of: path, format)
        try TableWriter.validate(columns, format: format, path: path)
        var message: UnsafeMutablePointer<CChar>?
        let names = CStrings()
        let status = motet_table_writer_open(
            temporaryPath,
            path,
            format.arrowFormat,
            names.array(columns.map(\.name)),
            columns.map { $0.type.arrowCode },
            columns.map { spread.contains($0.name) ? 1 : 0 },
            Int64(columns.count),
            CChar(bitPattern: TableFormat.isTabSeparated(path: path) ? 9 : 44),
            &writer,
            &message
        )
        withExtendedLifetime(names) {}
        guard status == MOTET_TABLE_OK else {
            unlink(temporaryPath)
            throw TableError(status: status, message: message)
        }
    }

    deinit { discard() }

    /// Checks that a file of this name can be written, before there is anything to write.
    ///
    /// - Parameter path: the file's name.
    /// - Throws: `TableError` when its ending names no format.
    public static func checkName(_ path: String) throws { _ = try format(of: path, nil) }

    private static func format(of path: String, _ given: TableFormat?) throws -> TableFormat {
        guard let format = given ?? TableFormat(path: path), !path.hasSuffix(".gz") else {
            throw TableError(
                .tableFormat,
                "\(path): format is unknown or cannot be written; expected a name that ends in .csv, "
                    + ".tsv, .parquet, .arrow or .feather."
            )
        }
        return format
    }

    static func temporaryPath(for path: String) -> String { "\(path).partial-\(getpid())" }

    private static func validate(
        _ columns: [ColumnDescription],
        format: TableFormat,
        path: String
    ) throws {
        guard !columns.isEmpty, Set(columns.map(\.name)).count == columns.count else {
            throw TableError(
                .columnNames,
                "\(path): column names are missing or doubled; expected each once; received "
                    + "\(columns.map(\.name))."
            )
        }
        for column in columns {
            switch column.type {
            case .int32, .int64, .float32, .float64, .boolean, .string: continue
            case .list(.int32) where format != .csv: continue
            default:
                throw TableError(
                    .columnTypeUnsupported,
                    "\(path), column \"\(column.name)\": type cannot be written as "
                        + "\(format.rawValue); expected int32, int64, float32, float64, boolean, "
                        + "string" + (format == .csv ? "" : " or list<int32>")
                        + "; received \(column.type)."
                )
            }
        }
    }

    /// Appends rows.
    ///
    /// - Parameter values: one entry for each column, all of the same number of rows.
    /// - Throws: `TableError` when they cannot be written; the file is then given up.
    public func append(_ values: [TableValues]) throws {
        guard let writer else { preconditionFailure("TableWriter: \(path) is finished.") }
        precondition(
            values.map(\.type) == columns.map(\.type)
                && values.allSatisfy { $0.count == values.first?.count },
            "TableWriter: \(path) does not take columns \(values.map(\.type)) of \(values.map(\.count))."
        )
        let batch = WriteBatch(values)
        var message: UnsafeMutablePointer<CChar>?
        let status = motet_table_writer_append(
            writer,
            batch.columns,
            Int64(values.first?.count ?? 0),
            &message
        )
        withExtendedLifetime(batch) {}
        try check(status, message)
    }

    /// Brings the file to the disk and gives it its name.
    ///
    /// - Throws: `TableError` when it cannot be written; nothing is left then.
    public func finish() throws {
        guard let writer else { preconditionFailure("TableWriter: \(path) is finished.") }
        var message: UnsafeMutablePointer<CChar>?
        try check(motet_table_writer_finish(writer, &message), message)
        do {
            try synchronize(file: temporaryPath)
            guard rename(temporaryPath, path) == 0 else { throw writeError(path) }
            try synchronize(folder: (path as NSString).deletingLastPathComponent)
        } catch {
            discard()
            throw error
        }
        motet_table_writer_free(writer)
        self.writer = nil
    }

    private func check(
        _ status: MotetTableStatus,
        _ message: UnsafeMutablePointer<CChar>?
    ) throws {
        guard status != MOTET_TABLE_OK else { return }
        discard()
        throw TableError(status: status, message: message)
    }

    /// Gives up a file that is not finished.
    private func discard() {
        guard let writer else { return }
        motet_table_writer_free(writer)
        self.writer = nil
        unlink(temporaryPath)
    }
}

/// Brings a file's content to the disk.
func synchronize(file: String) throws {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw writeError(file) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw writeError(file) }
}
