import MotetData
import MotetExperiments

/// How the scores of a model are counted: the bins of each task, and the scenarios.
final class ScoreLayout: Sendable {
    /// A task.
    struct Task: Sendable {
        /// Its name.
        var name: String
        /// The bins of its scores.
        var bins: ScoreBins
        /// What finds the bin of a score.
        var lookup: ScoreBins.Lookup
        /// How its scores are spread over rows that were not learnt from; nil where the run does not tell.
        var reference: ScoreReference.Task?
    }

    /// The version of the model.
    let version: String
    /// The tasks, in the model's order.
    let tasks: [Task]
    /// The scenarios; empty where the run has none.
    let scenarios: [String]
    /// The part of the data the reference is about, and its rows; nil without one.
    let reference: (part: String, rows: Int)?
    /// A few rows of the last hour, beside those of training.
    let samples: DriftSamples
    private let column: String?
    private let encoder: RowEncoder

    /// Lays out the scores of a model.
    ///
    /// - Parameters:
    ///   - version: the version of the model.
    ///   - tasks: its tasks.
    ///   - fitted: schema and scenarios of its run.
    ///   - encoder: what encodes its rows.
    ///   - reference: how its scores are spread over rows that were not learnt from, where the run tells.
    ///   - features: how its inputs are spread over the rows it learnt from, where the run tells.
    ///   - made: now.
    init(
        version: String,
        tasks: [String],
        _ fitted: FittedSchema,
        _ encoder: RowEncoder,
        _ reference: ScoreReference?,
        features: FeatureReference? = nil,
        made: ContinuousClock.Instant = .now
    ) {
        samples = DriftSamples(features, made: made)
        self.version = version
        self.tasks = tasks.map { name in
            let own = reference?.tasks.first { $0.task == name }
            // Probabilities, where nothing is known.
            let bins = own?.bins ?? ScoreBins(low: 0, high: 1)
            return Task(name: name, bins: bins, lookup: bins.lookup, reference: own)
        }
        self.reference = reference.map { ($0.part, $0.rows) }
        scenarios = fitted.scenarios
        column = fitted.scenarios.isEmpty ? nil : fitted.schema.scenario?.column
        self.encoder = encoder
    }

    /// Whether scores fall into the same tasks, scenarios and bins as in another layout.
    func counts(as other: ScoreLayout) -> Bool {
        scenarios == other.scenarios && tasks.map(\.name) == other.tasks.map(\.name)
            && tasks.map(\.bins) == other.tasks.map(\.bins)
    }

    /// The scenario of each row; one number where all rows have the same, none where it is not known.
    func scenarios(of columns: [String: RawRows.Column]) -> Rows {
        guard let column else { return .same(nil) }
        switch columns[column] ?? .same(.missing) {
        case .same(let value): return .same(encoder.scenario(of: value))
        case .each(let values): return .each(values.map { encoder.scenario(of: $0) })
        }
    }

    /// The scenarios of rows.
    enum Rows: Sendable {
        case same(Int?)
        case each([Int?])
    }
}
