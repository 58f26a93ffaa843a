public import MotetCore

/// A vocabulary that no text can be cut with.
public struct WordPieceError: ReportableError, Equatable {
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
    /// A vocabulary of word pieces that cannot be used.
    public static let wordPieceVocabulary = ErrorCode(rawValue: "word_piece_vocabulary")
}
