public import MotetCore

/// A mistake around a data set: its name, its files, or getting them.
public struct DatasetError: ReportableError, Hashable {
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
    /// A data set there is no recipe for.
    public static let datasetUnknown = ErrorCode(rawValue: "dataset_unknown")
    /// A folder without the files of a data set.
    public static let datasetFilesMissing = ErrorCode(rawValue: "dataset_files_missing")
    /// A file of a data set whose content is not what the recipe expects.
    public static let datasetContent = ErrorCode(rawValue: "dataset_content")
    /// An option of a recipe that is out of range.
    public static let datasetOption = ErrorCode(rawValue: "dataset_option")
    /// A file or a package that could not be fetched.
    public static let downloadFailed = ErrorCode(rawValue: "download_failed")
    /// A fetched file that differs from the one the recipe was written for.
    public static let checksumMismatch = ErrorCode(rawValue: "checksum_mismatch")
}
