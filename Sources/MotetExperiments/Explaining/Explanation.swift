public import MotetTraining

/// What `motet explain` found of a run: the contents of `explanation.json`.
public struct Explanation: Codable, Hashable, Sendable {
    /// The version of the layout this version writes.
    public static let formatVersion = 1

    /// The version of the layout.
    public var format = Self.formatVersion
    /// The run directory as it was named.
    public var run: String
    /// The architecture.
    public var architecture: String
    /// The tasks in their order.
    public var tasks: [String]
    /// The scenarios in their order.
    public var scenarios: [String]
    /// The rows all but gradients are measured on: `test` or `validation`.
    public var part: String
    /// The number of these rows.
    public var rows: Int
    /// How many of them features and experts were looked at on.
    public var sampledRows: Int
    /// Where tasks conflict; nil where they share nothing that could be compared.
    public var conflicts: Conflicts?
    /// What training tasks together cost or gained, against each other run.
    public var transfer: [Transfer]
    /// Which experts serve which tasks and scenarios; empty where the model chooses among none.
    public var experts: [Experts]
    /// Losses and gradients of the tasks beside each other.
    public var balance: [TaskBalance]
    /// Whether predictions come true.
    public var calibration: [CalibrationEntry]
    /// What each feature counts for.
    public var importance: [FeatureImportance]
    /// What to try.
    public var recommendations: [Recommendation]
    /// What the reader must know of the above.
    public var notes: [String]

    private enum CodingKeys: String, CodingKey {
        case format, run, architecture, tasks, scenarios, part, rows, conflicts, transfer, experts
        case balance, calibration, importance, recommendations, notes
        case sampledRows = "sampled_rows"
    }
}
