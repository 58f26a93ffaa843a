import CArrow
public import MotetCore

/// A mistake in a table, in its files or in what was asked of them.
public struct TableError: ReportableError, Hashable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// The sentence.
    public let description: String

    /// Creates an error from its code and sentence.
    public init(_ code: ErrorCode, _ description: String) {
        self.code = code
        self.description = description
    }

    /// The error of a C function that failed; frees its message.
    init(status: MotetTableStatus, message: UnsafeMutablePointer<CChar>?) {
        code =
            switch status {
            case MOTET_TABLE_FILE_MISSING: .fileMissing
            case MOTET_TABLE_FILE_EMPTY: .fileEmpty
            case MOTET_TABLE_ROW_LENGTH: .rowLength
            case MOTET_TABLE_VALUE: .valueType
            case MOTET_TABLE_COLUMN_UNKNOWN: .columnUnknown
            case MOTET_TABLE_FILE_DAMAGED: .fileDamaged
            case MOTET_TABLE_INPUT_OUTPUT: .inputOutput
            case MOTET_TABLE_TYPE_UNSUPPORTED: .columnTypeUnsupported
            case MOTET_TABLE_HEADER: .columnNames
            case MOTET_TABLE_OPTION: .tableOption
            default: .internalFailure
            }
        description =
            message.map { String(cString: $0) } ?? "reading data: status \(status.rawValue)."
        motet_arrow_free(message)
    }
}

extension ErrorCode {
    /// A file that does not exist.
    public static let fileMissing = ErrorCode(rawValue: "file_missing")
    /// A file without content.
    public static let fileEmpty = ErrorCode(rawValue: "file_empty")
    /// A file that is cut off, changed or of another format.
    public static let fileDamaged = ErrorCode(rawValue: "file_damaged")
    /// A failure of the file system, such as a full disk.
    public static let inputOutput = ErrorCode(rawValue: "input_output")
    /// A file whose format cannot be told, or several formats at once.
    public static let tableFormat = ErrorCode(rawValue: "table_format")
    /// A row of a CSV file with too many or too few fields.
    public static let rowLength = ErrorCode(rawValue: "row_length")
    /// A value that is not of its column's type.
    public static let valueType = ErrorCode(rawValue: "value_type")
    /// A column that the table does not have.
    public static let columnUnknown = ErrorCode(rawValue: "column_unknown")
    /// A column whose type cannot be read or written.
    public static let columnTypeUnsupported = ErrorCode(rawValue: "column_type_unsupported")
    /// Column names that are doubled or do not fit the file.
    public static let columnNames = ErrorCode(rawValue: "column_names")
    /// An option of reading or writing that is out of range.
    public static let tableOption = ErrorCode(rawValue: "table_option")
    /// A failure inside a library, which a user cannot cause.
    public static let internalFailure = ErrorCode(rawValue: "internal_failure")
}
