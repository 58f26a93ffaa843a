public import MotetCore

/// A ranking that cannot be made as it is described.
public struct RankingError: ReportableError, Hashable {
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
    /// A score formula that does not read as one, or names what does not exist.
    public static let scoreFormula = ErrorCode(rawValue: "score_formula")
    /// Settings of rules or of diversity that are out of range.
    public static let rankingSettings = ErrorCode(rawValue: "ranking_settings")
}
