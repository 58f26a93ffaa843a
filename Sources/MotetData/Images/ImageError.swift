public import MotetCore

/// A mistake around a picture: its file, its size, or the boxes in it.
public struct ImageError: ReportableError, Hashable {
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
    /// A picture that is cut off, damaged, or of a format that is not read.
    public static let imageDamaged = ErrorCode(rawValue: "image_damaged")
    /// A picture with another number of rows or columns than expected.
    public static let imageSize = ErrorCode(rawValue: "image_size")
    /// A picture with another number of channels than expected.
    public static let imageChannels = ErrorCode(rawValue: "image_channels")
    /// A box that is not inside its picture, or has no area.
    public static let boxOutside = ErrorCode(rawValue: "box_outside")
}
