public import MotetMetrics

/// What a comparison found: the contents of `report.json`.
public struct ComparisonReport: Codable, Hashable, Sendable {
    /// A number over the seeds with its interval.
    public struct Number: Codable, Hashable, Sendable {
        /// The mean over the seeds; nil where it is undefined.
        public var value: Double?
        /// The range that holds 95 % of its resampled values.
        public var interval: ConfidenceInterval?
    }

    /// A difference to a baseline, from the same resampled rows.
    public struct Difference: Codable, Hashable, Sendable {
        /// The cell's mean less the baseline's.
        public var value: Double?
        /// Its interval.
        public var interval: ConfidenceInterval?
        /// How often resamples say the opposite: a two-sided p-value.
        public var pValue: Double?
        /// Whether the cell is better or worse than the baseline; nil while the interval holds 0.
        public var isBetter: Bool?

        private enum CodingKeys: String, CodingKey {
            case value, interval
            case pValue = "p_value"
            case isBetter = "is_better"
        }
    }

    /// A metric of a task on all rows or in a scenario.
    public struct Entry: Codable, Hashable, Sendable {
        /// The task.
        public var task: String
        /// The scenario; nil for all rows.
        public var scenario: String?
        /// The metric's name.
        public var metric: String
        /// The value of each finished seed, in the order of `runs`; nil where it is undefined.
        public var bySeed: [Double?]
        /// The mean over the seeds.
        public var mean: Number
        /// The difference to single-task training.
        public var againstSingleTask: Difference?
        /// The difference to the weights that were searched for.
        public var againstTuned: Difference?

        private enum CodingKeys: String, CodingKey {
            case task, scenario, metric, mean
            case bySeed = "by_seed"
            case againstSingleTask = "against_single_task"
            case againstTuned = "against_tuned_scalarisation"
        }
    }

    /// One training.
    public struct Run: Codable, Hashable, Sendable {
        /// The seed.
        public var seed: UInt64
        /// The run directory, relative to the comparison's folder.
        public var path: String
        /// What became of it.
        public var state: RunState
        /// Why, where it is not finished.
        public var reason: String?
        /// The seconds it took with everything.
        public var seconds: Double?
        /// The most memory of its own in bytes.
        public var memory: Int64?
    }

    /// One way to do it.
    public struct Cell: Codable, Hashable, Sendable {
        /// The name.
        public var name: String
        /// The option of each axis of the grid; empty for variants.
        public var choices: [Comparison.Choice]
        /// Its runs, one for each seed.
        public var runs: [Run]
        /// The number of trained parameters; nil where nothing is finished.
        public var parameters: Int?
        /// Milliseconds of a training step, the mean over runs; of the machine and the moment.
        public var stepMilliseconds: Double?
        /// What was measured.
        public var entries: [Entry]
        /// The mean relative gain over single-task training, as a share.
        public var deltaM: Number
        /// Whether no other cell is at least as good in the first metric of every task, and better in one.
        public var isOnParetoFront: Bool?
        /// The criterion of the choice, on validation rows; nil where nothing is chosen.
        public var score: Double?

        private enum CodingKeys: String, CodingKey {
            case name, choices, runs, parameters, entries, score
            case stepMilliseconds = "step_milliseconds"
            case deltaM = "delta_m"
            case isOnParetoFront = "is_on_pareto_front"
        }
    }

    /// Weights the search tried.
    public struct Trial: Codable, Hashable, Sendable {
        /// The weight of each task, in their order.
        public var weights: [Double]
        /// The run.
        public var run: Run
        /// The criterion on validation rows.
        public var score: Double?
    }

    /// The search for weights.
    public struct Search: Codable, Hashable, Sendable {
        /// The cell whose model and training were searched.
        public var cell: String
        /// How weights were proposed.
        public var kind: String
        /// What chose among them.
        public var criterion: String
        /// The trials in their order.
        public var trials: [Trial]
        /// The number of the chosen trial, from 1; nil where none was finished.
        public var chosen: Int?

        /// The chosen weights.
        public var weights: [Double]? { chosen.map { trials[$0 - 1].weights } }
    }

    /// The chosen run.
    public struct Selection: Codable, Hashable, Sendable {
        /// What chose it.
        public var criterion: String
        /// The cell with the best mean over its seeds on validation rows.
        public var cell: String
        /// The seed of its best run on validation rows.
        public var seed: UInt64
        /// The run directory, relative to the comparison's folder; `best` is a copy of it.
        public var path: String
        /// The cell's mean on validation rows.
        public var score: Double
        /// Its metrics on the test rows; nil where there are none.
        public var test: MetricReport?
        /// The run beside that of single-task training with the same seed, on the test rows.
        public var againstSingleTask: MetricComparison?
        /// The run beside that of the searched weights with the same seed, on the test rows.
        public var againstTuned: MetricComparison?

        private enum CodingKeys: String, CodingKey {
            case criterion, cell, seed, path, score, test
            case againstSingleTask = "against_single_task"
            case againstTuned = "against_tuned_scalarisation"
        }
    }

    /// The comparison's name.
    public var name: String
    /// The rows cells are measured on: `test` or `validation`.
    public var part: String
    /// The number of rows.
    public var rows: Int
    /// The tasks in their order.
    public var tasks: [String]
    /// The seeds.
    public var seeds: [UInt64]
    /// The cell that trains every task alone.
    public var singleTask: String
    /// The cells; the searched weights last.
    public var cells: [Cell]
    /// The search for weights.
    public var search: Search?
    /// The chosen run.
    public var selection: Selection?

    /// A cell by its name.
    public func cell(_ name: String) -> Cell? { cells.first { $0.name == name } }

    /// The runs of all cells and trials, each once.
    public var runs: [Run] {
        var runs: [Run] = []
        for run in cells.flatMap(\.runs) + (search?.trials.map(\.run) ?? [])
        where !runs.contains(where: { $0.path == run.path }) {
            runs.append(run)
        }
        return runs
    }

    private enum CodingKeys: String, CodingKey {
        case name, part, rows, tasks, seeds, cells, search, selection
        case singleTask = "single_task"
    }
}
