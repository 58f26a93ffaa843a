import MotetOptimizers

/// What a fit must remember to go on exactly where it was.
struct FitState: Codable {
    /// Where a stream of batches is.
    struct Cursor: Codable {
        var epoch = 0
        var step = 0
    }

    /// The phase, from 0, and its steps that are done.
    var phase = 0
    var phaseStep = 0
    /// The order of tasks that was found for the phase.
    var foundOrder: [String]?
    /// Steps since the start of training.
    var step = 0
    /// For each group of parameters its updates.
    var updates: [Int] = []
    /// The streams by name.
    var cursors: [String: Cursor] = [:]
    /// Rows since the last report.
    var rowsInEpoch = 0
    var learningRate: Float = 0
    var rowsPerSecond = 0.0
    var lossSums: [Double]?
    var weightSums: [Double]?
    var recentLosses: [Double?]?
    var gradients: TaskGradientRecord?
    var sharedGradients: SharedGradientRecord?
    var plateau = PlateauState()
    var best: Double?
    /// The best value of each task, where each keeps its own epoch.
    var bestOfTasks: [String: Double]?
    var epochsWithoutBest = 0
    var isFinished = false
    var history = History()
}
