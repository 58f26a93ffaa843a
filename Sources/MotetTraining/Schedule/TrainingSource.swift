public import MotetData

/// Rows to learn some tasks from.
///
/// Usually one source has the labels of all tasks. Several sources let tasks be trained from their own
/// files while they share a trunk: a step then takes its batch from one source and trains that source's
/// tasks.
public struct TrainingSource {
    /// The tasks that have labels here; nil for all.
    public var tasks: [String]?
    /// The rows to learn from.
    public var training: PreparedDataset
    /// The rows to measure on after each epoch; nil for none.
    public var validation: PreparedDataset?

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - training: the rows to learn from.
    ///   - validation: the rows to measure on.
    ///   - tasks: the tasks that have labels here; nil for all.
    public init(
        _ training: PreparedDataset,
        validation: PreparedDataset? = nil,
        tasks: [String]? = nil
    ) {
        self.training = training
        self.validation = validation
        self.tasks = tasks
    }
}
