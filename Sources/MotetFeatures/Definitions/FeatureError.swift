public import MotetCore

/// Features that cannot be defined, computed or stored.
public struct FeatureError: ReportableError, Hashable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// The sentence.
    public let description: String

    /// Creates an error from its code and sentence.
    public init(_ code: ErrorCode, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension ErrorCode {
    /// A definition of a feature that says nothing that can be computed.
    public static let featureDefinition = ErrorCode(rawValue: "feature_definition")
    /// A row of a log, or of rows that are to get features, that is not what it should be.
    public static let featureRow = ErrorCode(rawValue: "feature_row")
    /// A store that cannot be opened, read or written.
    public static let featureStore = ErrorCode(rawValue: "feature_store")
    /// A store that more is sent to than it can write.
    public static let featureStoreFull = ErrorCode(rawValue: "feature_store_full")
}
