public import MotetData

/// How long and on what a model is fitted, and what happens on the way.
public struct FitOptions {
    /// How often the training rows are gone through; `schedule` says more where there is one.
    public var epochs: Int
    /// The order in which tasks are trained; nil trains all of them at once for `epochs`.
    public var schedule: TrainingSchedule?
    /// The rows of a batch; the last one of an epoch may be shorter.
    public var batchSize: Int
    /// The lengths at which batches of padded sequences are cut; nil for whole rows.
    ///
    /// Short rows then do not pay for long ones: see `LengthBuckets`. Validation runs at the full length.
    public var lengthBuckets: LengthBuckets?
    /// What is measured after each epoch; nil for nothing.
    public var validation: PreparedDataset?
    /// When to stop before the last epoch, and which epoch is the best; needs validation data.
    public var monitor: EarlyStopping?
    /// Where checkpoints are written after each epoch; nil for none.
    public var checkpoints: CheckpointFolder?
    /// Whether to go on from the last checkpoint, if there is one.
    public var resumes = false
    /// The names of the scenarios, for reports.
    public var scenarios: [String] = []
    /// Whether the rows of each batch are sorted by scenario, as towers of scenarios need.
    public var groupsScenarios = false
    /// In how many steps of an epoch the gradients of tasks are looked at; nil for one in 25 steps for each task, one
    /// at least and eight at most; 0 for none.
    ///
    /// Where two tasks or more share dense parameters, `EpochRecord.sharedGradients` tells what was found. A look
    /// costs about 0.4 steps for each task, and changes nothing that is trained.
    public var gradientProbes: Int?
    /// Told of every step.
    public var onStep: (FitProgress) -> Void = { _ in }
    /// Told of every epoch.
    public var onEpoch: (EpochRecord) throws -> Void = { _ in }
    /// Whether tasks may be without a row that has a label, or a positive one.
    ///
    /// So may be the few rows that a model which keeps learning gets at a time. Such a task's loss is 0.
    public var allowsTasksWithoutRows = false
    /// Asked after every step; true ends the fit after a checkpoint.
    public var shouldStop: () -> Bool = { false }

    /// Creates options.
    ///
    /// - Parameters:
    ///   - epochs: how often the training rows are gone through.
    ///   - batchSize: the rows of a batch.
    ///   - validation: what is measured after each epoch.
    public init(epochs: Int, batchSize: Int, validation: PreparedDataset? = nil) {
        self.epochs = epochs
        self.batchSize = batchSize
        self.validation = validation
    }
}

/// Where a fit is.
public struct FitProgress {
    /// The epoch, or part of a phase that ends with a report, from 0.
    public let epoch: Int
    /// All of them.
    public let epochs: Int
    /// Rows of this epoch gone through.
    public let rows: Int
    /// Rows of an epoch.
    public let rowCount: Int
    /// The phase of the schedule, from 1; nil when there is one only.
    public let phase: Int?

    private let sums: EpochLosses

    init(epoch: Int, epochs: Int, rows: Int, rowCount: Int, phase: Int?, losses: EpochLosses) {
        self.epoch = epoch
        self.epochs = epochs
        self.rows = rows
        self.rowCount = rowCount
        self.phase = phase
        sums = losses
    }

    /// The mean loss of each task in this epoch so far; computed when asked for.
    public var losses: [(name: String, value: Double)] { sums.named }
}
