/// One way to repair values or to remove rows; what it changes and drops is counted.
public enum CleaningRule: Codable, Hashable, Sendable {
    /// Which of several rows with the same key stays.
    public enum Occurrence: String, Codable, Hashable, Sendable, CaseIterable {
        /// The first in order of the files.
        case first
        /// The last in order of the files.
        case last
    }

    /// What becomes of a number outside its range.
    public enum RangeAction: String, Codable, Hashable, Sendable, CaseIterable {
        /// The row is dropped.
        case drop
        /// The nearer end replaces it.
        case clip
        /// It becomes a missing value.
        case missing
    }

    /// What becomes of an outlier.
    public enum OutlierAction: String, Codable, Hashable, Sendable, CaseIterable {
        /// The nearer limit replaces it.
        case clip
        /// The row is dropped.
        case drop
    }

    /// Where outliers begin; limits come from the training rows.
    public enum OutlierLimits: Codable, Hashable, Sendable {
        /// Outside these quantiles.
        case quantiles(lower: Double, upper: Double)
        /// More than `factor` interquartile ranges below the first or above the third quartile.
        case interquartile(factor: Double)
    }

    /// Rows with the same values in all key columns are one; `keep` says which stays. Missing
    /// values are equal. Where parts are given as files, each part is its own.
    case duplicates(key: [String], keep: Occurrence = .first)
    /// Numbers must lie in `[minimum, maximum]`; nil leaves an end open.
    case range(column: String, minimum: Double?, maximum: Double?, action: RangeAction)
    /// Text is repaired before it is understood.
    case repair(column: String, [TextRepair])
    /// Numbers far from the others.
    case outliers(column: String, OutlierLimits, action: OutlierAction)

    /// The columns the rule looks at.
    var columns: [String] {
        switch self {
        case .duplicates(let key, _): key
        case .range(let column, _, _, _), .repair(let column, _), .outliers(let column, _, _):
            [column]
        }
    }

    /// How the rule is called in reports.
    var title: String {
        switch self {
        case .duplicates(let key, let keep):
            return "duplicates by \(key.joined(separator: ", ")) (keep \(keep.rawValue))"
        case .range(let column, let minimum, let maximum, let action):
            let low = minimum.map { shortNumber($0) } ?? "-inf"
            let high = maximum.map { shortNumber($0) } ?? "inf"
            return "\(column) outside [\(low), \(high)] (\(action.rawValue))"
        case .repair(let column, let repairs):
            return "\(column) repaired (\(repairs.map(\.title).joined(separator: ", ")))"
        case .outliers(let column, .quantiles(let lower, let upper), let action):
            return
                "\(column) outside quantiles \(shortNumber(lower)), \(shortNumber(upper)) (\(action.rawValue))"
        case .outliers(let column, .interquartile(let factor), let action):
            return
                "\(column) beyond \(shortNumber(factor)) interquartile ranges (\(action.rawValue))"
        }
    }
}

/// A number without a needless `.0`.
func shortNumber(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return String(value)
}
