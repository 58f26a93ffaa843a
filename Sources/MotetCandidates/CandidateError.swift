public import MotetCore

/// Files of a catalogue, of vectors or of baskets that cannot be used.
public struct CandidateError: ReportableError, Hashable {
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
    /// A catalogue whose items cannot be told apart, or whose columns are of the wrong type.
    public static let catalogue = ErrorCode(rawValue: "catalogue")
    /// Vectors that are not those of a catalogue's items.
    public static let itemVectors = ErrorCode(rawValue: "item_vectors")
    /// Baskets, or items bought together, that cannot be counted or read.
    public static let boughtTogether = ErrorCode(rawValue: "bought_together")
}
