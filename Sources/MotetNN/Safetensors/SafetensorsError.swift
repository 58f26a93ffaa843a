public import MotetCore

/// A safetensors file that cannot be read.
public struct SafetensorsError: ReportableError, Equatable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// The name of the file.
    public let file: String
    /// What is wrong, what was expected, what was received.
    public let message: String

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: the kind of mistake.
    ///   - file: the name of the file.
    ///   - message: the sentence without the file.
    public init(_ code: ErrorCode, file: String, _ message: String) {
        self.code = code
        self.file = file
        self.message = message
    }

    /// The sentence.
    public var description: String { "safetensors file \"\(file)\": \(message)" }
}

extension ErrorCode {
    /// A file that ends before its contents do.
    public static let truncatedFile = ErrorCode(rawValue: "truncated_file")
    /// A file whose contents break the rules of its format.
    public static let malformedFile = ErrorCode(rawValue: "malformed_file")
    /// A number that does not fit the type it is stored as.
    public static let numberOutOfRange = ErrorCode(rawValue: "number_out_of_range")
}
