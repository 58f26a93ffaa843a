/// One target: a column, and how its values become labels.
///
/// A prepared label is a float, NaN where the value is missing, so that its loss is masked.
public struct LabelSpecification: Codable, Hashable, Sendable {
    /// What a label is.
    public enum Kind: Codable, Hashable, Sendable {
        /// 0 or 1.
        case binary
        /// Any finite number.
        case numeric
        /// One of several classes, numbered from 0 in this order; in the order of the training
        /// rows' sorted values (numbers before text) where nil.
        case multiclass([String]?)
    }

    /// The name used in tasks, reports and prepared data (`label/<name>`).
    public var name: String
    /// The column of the files it is read from.
    public var column: String
    /// What the label is.
    public var kind: Kind
    /// For a binary label, which values count as 1; nil expects 0 and 1 in the column.
    public var rule: LabelRule?

    /// Creates a label; the column is the name where nil.
    public init(
        _ name: String,
        column: String? = nil,
        kind: Kind = .binary,
        rule: LabelRule? = nil
    ) {
        self.name = name
        self.column = column ?? name
        self.kind = kind
        self.rule = rule
    }
}
