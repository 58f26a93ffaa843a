import Foundation

/// How the scores of a run are spread over rows it has not learnt from.
///
/// The contents of `score_reference.json`; a server holds the scores of live traffic against it.
///
/// Rows count with their sample weights where the experiment has some.
public struct ScoreReference: Codable, Hashable, Sendable {
    /// The version of the file this version writes, and the highest it reads.
    public static let formatVersion = 1

    /// The version of the file.
    public var format: Int
    /// The part the rows belong to: `test`, or `validation` where there are no test rows.
    public var part: String
    /// The number of rows.
    public var rows: Int
    /// The tasks whose score is one number or one class.
    public var tasks: [Task]

    /// The scores of a task.
    public struct Task: Codable, Hashable, Sendable {
        /// The task.
        public var task: String
        /// The bins of its scores.
        public var bins: ScoreBins
        /// The scores of all rows.
        public var all: Spread
        /// The scores by scenario, in their order; scenarios without rows are left out.
        public var scenarios: [Scenario]
        /// Quantiles of the scores of all rows in ascending order, weights left out; nil in runs of before.
        public var sample: [Float]?
    }

    /// The scores of a scenario.
    public struct Scenario: Codable, Hashable, Sendable {
        /// The scenario.
        public var scenario: String
        /// Its scores.
        public var spread: Spread
    }

    /// How scores are spread.
    public struct Spread: Codable, Hashable, Sendable {
        /// The number of rows.
        public var rows: Int
        /// The mean score; of a task with classes that of the most likely one.
        public var mean: Double
        /// The mean label of the same rows; nil where not every row has one, and for classes.
        public var labelMean: Double?
        /// The share of the scores in each bin; they add up to 1.
        public var shares: [Double]

        private enum CodingKeys: String, CodingKey {
            case rows, mean, shares
            case labelMean = "label_mean"
        }
    }
}

extension RunDirectory {
    /// How the scores of the run are spread over rows it has not learnt from.
    public var scoreReferenceFile: String { path + "/score_reference.json" }

    /// How the scores of the run are spread over rows it has not learnt from.
    ///
    /// - Returns: the contents of the file; nil where there is none, as in runs of before and runs without
    ///   validation and test rows, and where a later version wrote it.
    /// - Throws: `ExperimentError` with the code `run_invalid` when the file is damaged.
    public func scoreReference() throws -> ScoreReference? {
        struct Format: Decodable { var format: Int }
        guard let data = FileManager.default.contents(atPath: scoreReferenceFile) else {
            return nil
        }
        let format = try? JSONDecoder().decode(Format.self, from: data).format
        if let format, format > ScoreReference.formatVersion { return nil }
        guard let reference = try? JSONDecoder().decode(ScoreReference.self, from: data),
            reference.tasks.allSatisfy(\.isValid)
        else { throw damaged("score_reference.json") }
        return reference
    }
}

extension ScoreReference.Task {
    fileprivate var isValid: Bool {
        bins.isValid && (sample ?? []).allSatisfy(\.isFinite)
            && ([all] + scenarios.map(\.spread)).allSatisfy { spread in
                spread.shares.count == ScoreBins.count
                    && spread.shares.allSatisfy { $0.isFinite && $0 >= 0 }
            }
    }
}
