import Foundation
public import MotetMetrics
import MotetTraining

/// How the probabilities of a run are brought to where they come true; the contents of `calibration.json`.
public struct RunCalibration: Codable, Hashable, Sendable {
    /// The version of the file this version writes, and the highest it reads.
    public static let formatVersion = 1

    /// The version of the file.
    public var format: Int
    /// The tasks that are calibrated, in the experiment's order.
    public var tasks: [Task]

    /// The calibrators of a task.
    public struct Task: Codable, Hashable, Sendable {
        /// The task.
        public var task: String
        /// The calibrator learnt from all rows, of scenarios that have none of their own.
        public var all: Fit
        /// Those of scenarios with enough rows, in the order of the scenarios.
        public var scenarios: [Scenario]
        /// The scenarios that had too few rows for one.
        public var pooled: [String]
    }

    /// The calibrator of a scenario.
    public struct Scenario: Codable, Hashable, Sendable {
        /// The scenario.
        public var scenario: String
        /// Its calibrator.
        public var fit: Fit
    }

    /// A calibrator, and what it was learnt from.
    public struct Fit: Codable, Hashable, Sendable {
        /// The validation rows.
        public var rows: Int
        /// Those of them with the label 1.
        public var positives: Int
        /// What was learnt.
        public var calibrator: Calibrator

        init(_ kind: Calibrator.Kind, _ observations: Observations) throws(MetricError) {
            rows = observations.count
            positives = observations.labels.count { $0 == 1 }
            calibrator = try Calibrator(kind, fitting: observations)
        }
    }

    /// Learns the calibrators of the tasks that ask for them.
    ///
    /// - Parameters:
    ///   - experiment: the tasks.
    ///   - observations: labels and predictions of all tasks on the validation rows.
    ///   - scenarios: the names of the scenarios.
    /// - Throws: `MetricError` where predictions are no probabilities.
    init(
        _ experiment: Experiment,
        _ observations: [TaskObservations],
        scenarios: [String]
    ) throws(MetricError) {
        format = Self.formatVersion
        tasks = []
        for task in experiment.tasks {
            guard let settings = task.calibration,
                let rows = observations.first(where: { $0.task == task.name })?.observations
            else { continue }
            var made = Task(
                task: task.name,
                all: try Fit(settings.kind, rows),
                scenarios: [],
                pooled: []
            )
            let parts = settings.byScenario ? rows.split(scenarios: scenarios.count) : []
            for (name, part) in zip(scenarios, parts) {
                let positives = part.labels.count { $0 == 1 }
                guard min(positives, part.count - positives) >= settings.minimumOfEach else {
                    made.pooled.append(name)
                    continue
                }
                made.scenarios.append(
                    Scenario(scenario: name, fit: try Fit(settings.kind, part))
                )
            }
            tasks.append(made)
        }
    }
}

extension RunDirectory {
    /// How the run's probabilities are brought to where they come true.
    public var calibrationFile: String { path + "/calibration.json" }

    /// How the run's probabilities are brought to where they come true.
    ///
    /// - Parameter experiment: the run's experiment, whose tasks say whether they are calibrated.
    /// - Returns: the contents of the file; nil where no task is calibrated.
    /// - Throws: `ExperimentError` with the code `run_invalid` when the file is missing, damaged or of other tasks, and
    ///   `run_newer` when a later version wrote it: probabilities that are not calibrated are no answer then.
    public func calibration(_ experiment: Experiment) throws -> RunCalibration? {
        struct Format: Decodable { var format: Int }
        let wanted = experiment.tasks.filter { $0.calibration != nil }.map(\.name)
        guard !wanted.isEmpty else { return nil }
        guard let data = FileManager.default.contents(atPath: calibrationFile),
            let format = try? JSONDecoder().decode(Format.self, from: data).format
        else { throw damaged("calibration.json") }
        guard format <= RunCalibration.formatVersion else {
            throw ExperimentError(
                .runNewer,
                "run \"\(path)\": a later version of Motet wrote calibration.json; expected format "
                    + "\(RunCalibration.formatVersion) or lower; received \(format). Use that version."
            )
        }
        guard let calibration = try? JSONDecoder().decode(RunCalibration.self, from: data),
            calibration.tasks.map(\.task) == wanted
        else { throw damaged("calibration.json") }
        return calibration
    }
}
