public import MotetCore

/// A mistake in what an experiment was asked to do, or in a run directory.
public struct ExperimentError: ReportableError, Hashable {
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
    /// A folder that is no run directory, or one that cannot be read.
    public static let runInvalid = ErrorCode(rawValue: "run_invalid")
    /// A run directory written by a later version.
    public static let runNewer = ErrorCode(rawValue: "run_newer")
    /// A place for a run directory that is taken.
    public static let runExists = ErrorCode(rawValue: "run_exists")
    /// A run that has not come to its end.
    public static let runUnfinished = ErrorCode(rawValue: "run_unfinished")
    /// A run that does not belong to the experiment or the data it is used with.
    public static let runMismatch = ErrorCode(rawValue: "run_mismatch")
    /// A part of the data that an experiment does not have.
    public static let partMissing = ErrorCode(rawValue: "part_missing")
}
