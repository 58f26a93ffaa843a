public import MotetCore

/// An index that cannot be made, or a search that failed.
public struct RetrievalError: ReportableError, Hashable {
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
    /// Vectors or settings an index cannot be made of.
    public static let retrievalIndex = ErrorCode(rawValue: "retrieval_index")
}
