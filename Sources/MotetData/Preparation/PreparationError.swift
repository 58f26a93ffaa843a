public import MotetCore

/// Data that cannot be prepared as the schema says.
public struct PreparationError: ReportableError, Hashable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// The sentence.
    public let description: String
    /// The row of the table whose value is wrong, from 0, where one value is.
    public let row: Int?
    /// The column of that value.
    public let column: String?

    init(_ code: String, _ sentence: String, row: Int? = nil, column: String? = nil) {
        self.code = ErrorCode(rawValue: code)
        description = sentence
        self.row = row
        self.column = column
    }

    /// The same mistake, in another row.
    package func inRow(_ row: Int) -> PreparationError {
        PreparationError(code.rawValue, description, row: row, column: column)
    }

    /// A file or folder that Foundation could not write.
    static func cannotWrite(_ path: String, _ error: any Error) -> PreparationError {
        PreparationError(
            "cannot_write",
            "\(path): cannot be written; expected a writable folder with room; received "
                + "\"\(SystemReason.text(of: error))\". Free some space or choose another folder."
        )
    }

    static let tooManyValues = PreparationError(
        "too_many_values",
        "vocabulary: a column has too many different values to number, or memory ran out; expected "
            + "fewer than 2147483647. Use `hash_buckets` for it."
    )

    static let noTrainingRows = PreparationError(
        "no_rows",
        "preparation: no row is left to train on; expected at least one; received 0. Check the "
            + "cleaning rules and the split; the report tells what dropped them."
    )
}
