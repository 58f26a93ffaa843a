public import MotetCore

/// A pretrained encoder that cannot be loaded, or a text it cannot embed.
public struct EncoderError: ReportableError, Equatable {
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
    /// A file of an encoder's folder that is missing or cannot be read.
    public static let encoderFile = ErrorCode(rawValue: "encoder_file")
    /// An encoder of a kind that is not run.
    public static let encoderUnsupported = ErrorCode(rawValue: "encoder_unsupported")
    /// Weights that are missing or do not fit the configuration.
    public static let encoderWeights = ErrorCode(rawValue: "encoder_weights")
    /// An option of an embedding that is out of range.
    public static let encoderOption = ErrorCode(rawValue: "encoder_option")
}
