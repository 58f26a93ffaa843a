/// A value as a request or a store has it, before it is encoded.
public enum RawValue: Hashable, Sendable {
    /// No value.
    case missing
    /// `true` or `false`.
    case boolean(Bool)
    /// A whole number.
    case integer(Int64)
    /// A number.
    case number(Double)
    /// A text.
    case text(String)
    /// Several values in order.
    case list([RawValue])
}

/// Rows in memory, column by column, with the names the files have.
public struct RawRows: Sendable {
    /// The values of one column.
    public enum Column: Sendable {
        /// One value in every row, such as what is known of the user of a request.
        case same(RawValue)
        /// A value for each row.
        case each([RawValue])

        /// The value of a row.
        package subscript(row: Int) -> RawValue {
            switch self {
            case .same(let value): value
            case .each(let values): values[row]
            }
        }
    }

    /// The number of rows.
    public var count: Int
    /// The columns by name; one that is not there is missing in every row.
    public var columns: [String: Column]

    /// Creates rows.
    ///
    /// - Parameters:
    ///   - count: the number of rows.
    ///   - columns: the columns by name, those with a value for each row having `count` of them.
    public init(count: Int, columns: [String: Column]) {
        self.count = count
        self.columns = columns
    }
}
