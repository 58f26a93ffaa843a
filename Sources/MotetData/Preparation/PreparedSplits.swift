/// A prepared data set: its parts, what was learnt, and what was done.
public struct PreparedSplits: Sendable {
    /// The training rows.
    public let training: PreparedDataset
    /// The validation rows, if there are.
    public let validation: PreparedDataset?
    /// The test rows, if there are.
    public let test: PreparedDataset?
    /// What was learnt from the training rows.
    public let fitted: FittedSchema
    /// What was read, changed, dropped and written.
    public let report: PreparationReport
    /// The folder in the cache.
    public let folder: String
    /// Whether the data was prepared before and taken from the cache.
    public let cameFromCache: Bool

    /// The data of a part, if there is.
    public subscript(part: DataPart) -> PreparedDataset? {
        switch part {
        case .training: training
        case .validation: validation
        case .test: test
        }
    }
}
