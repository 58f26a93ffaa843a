/// The values of a column of rows that are to be encoded.
package enum RowValues {
    /// One value in every row.
    case same(RawValue)
    /// A value for each row.
    case each([RawValue])
    /// Those of some rows of a table; the second list has for each row its row there.
    case picked([RawValue], [Int])

    /// The values of a column; those of none are missing.
    package init(_ column: RawRows.Column?) {
        switch column {
        case .same(let value)?: self = .same(value)
        case .each(let values)?: self = .each(values)
        case nil: self = .same(.missing)
        }
    }

    /// The value of a row.
    package subscript(row: Int) -> RawValue {
        switch self {
        case .same(let value): value
        case .each(let values): values[row]
        case .picked(let values, let rows): values[rows[row]]
        }
    }
}
