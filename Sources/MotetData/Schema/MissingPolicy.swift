/// What becomes of a missing value (an empty field, a null, NaN).
public enum MissingPolicy: Codable, Hashable, Sendable {
    /// What a missing value is replaced by.
    public enum Fill: Codable, Hashable, Sendable {
        /// A number.
        case number(Double)
        /// A value of a categorical feature.
        case text(String)
        /// The mean of the training rows.
        case mean
        /// The median of the training rows.
        case median
        /// The most frequent value of the training rows, the smallest of equally frequent numbers,
        /// the first to appear of equally frequent categories.
        case mostFrequent
    }

    /// Replace it, before any transform.
    case fill(Fill)
    /// Tell the model: an id of its own after the vocabulary's; for a number, 0 after the
    /// transforms, and 1 in an extra column `<name>_missing`; for a sequence, an empty one.
    case ownBucket
    /// Drop the row.
    case drop
    /// Stop, naming the row.
    case error
}
