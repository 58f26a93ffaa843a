public import MotetCore

/// A mistake in what a trainer was asked to do, or a training that cannot go on.
public struct TrainingError: ReportableError, Equatable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// What is wrong, and what to do.
    public let message: String

    /// Creates an error; `message` is the whole sentence.
    public init(_ code: ErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }
}

extension ErrorCode {
    /// A task, column or metric that does not exist.
    public static let unknownTask = ErrorCode(rawValue: "unknown_task")
    /// Data a model cannot read: a column is missing or has another kind.
    public static let dataMismatch = ErrorCode(rawValue: "data_mismatch")
    /// A task without a row it can learn from.
    public static let nothingToLearn = ErrorCode(rawValue: "nothing_to_learn")
    /// Tasks share a parameter where each needs its own.
    public static let sharedParameters = ErrorCode(rawValue: "shared_parameters")
    /// A weighting of losses whose settings, losses or metrics do not do.
    public static let weightingInvalid = ErrorCode(rawValue: "weighting_invalid")
    /// A way to combine gradients whose settings, tasks or parameters do not do.
    public static let aggregationInvalid = ErrorCode(rawValue: "aggregation_invalid")
    /// A schedule that names what is not there, or has a phase without a step.
    public static let scheduleInvalid = ErrorCode(rawValue: "schedule_invalid")
    /// A loss that became NaN or infinite.
    public static let lossNotFinite = ErrorCode(rawValue: "loss_not_finite")
    /// A checkpoint that cannot be read, is damaged, or belongs to another run.
    public static let checkpointInvalid = ErrorCode(rawValue: "checkpoint_invalid")
    /// A file that could not be written.
    public static let cannotWrite = ErrorCode(rawValue: "cannot_write")
}
