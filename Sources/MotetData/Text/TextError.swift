public import MotetCore

/// A mistake around texts, their tokens and tags.
public struct TextError: ReportableError, Hashable {
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
    /// A tag that a set of tags does not have.
    public static let tagUnknown = ErrorCode(rawValue: "tag_unknown")
    /// A line that does not hold what it should, such as a token and its tag.
    public static let textLine = ErrorCode(rawValue: "text_line")
    /// Another number of tags than tokens.
    public static let tagCount = ErrorCode(rawValue: "tag_count")
    /// An option of encoding texts that is out of range.
    public static let textOption = ErrorCode(rawValue: "text_option")
}
