/// Which rows of the training files are for training, validation and test.
///
/// Files given for validation or test stand beside it; a split never takes rows from them.
public enum SplitSpecification: Codable, Hashable, Sendable {
    /// As the files are given.
    case given
    /// At random: exactly these fractions of the rows that cleaning keeps, rounded down.
    case fraction(validation: Double, test: Double, seed: UInt64)
    /// By time: rows from `validation` on are for validation, from `test` on for test. A cut is a
    /// date (`2011-10-01`, `2011-10-01 12:00:00`, UTC) or a number as in the column.
    case time(column: String, validation: String?, test: String?)
    /// By time: the last `test` of the rows, and `validation` before them; rows of one instant stay
    /// together, on the later side of a cut.
    case timeFraction(column: String, validation: Double, test: Double)
    /// By key: all rows of one value (a user, say) are on one side. The side depends on the value
    /// and the seed only, so the fractions hold on average.
    case key(column: String, validation: Double, test: Double, seed: UInt64)

    /// The column the split looks at.
    var column: String? {
        switch self {
        case .given, .fraction: nil
        case .time(let column, _, _), .timeFraction(let column, _, _), .key(let column, _, _, _):
            column
        }
    }

    /// Whether rows are set apart for a part.
    func makes(_ part: DataPart) -> Bool {
        switch (self, part) {
        case (.given, _): false
        case (_, .training): true
        case (.time(_, let validation, _), .validation): validation != nil
        case (.time(_, _, let test), .test): test != nil
        case (.fraction(let validation, _, _), .validation),
            (.timeFraction(_, let validation, _), .validation),
            (.key(_, let validation, _, _), .validation):
            validation > 0
        case (.fraction(_, let test, _), .test), (.timeFraction(_, _, let test), .test),
            (.key(_, _, let test, _), .test):
            test > 0
        }
    }
}

/// A part of a data set.
public enum DataPart: String, Codable, Hashable, Sendable, CaseIterable {
    /// Rows a model learns from; the only ones statistics and vocabularies come from.
    case training
    /// Rows that choose among models.
    case validation
    /// Rows that measure the chosen model.
    case test
}
