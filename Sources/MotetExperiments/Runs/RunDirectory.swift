import Foundation
public import MotetData
public import MotetTraining

/// The folder of a run: what it was made from, its parameters, and what was measured.
///
/// ```
/// configuration.yaml        the experiment, every default written out
/// versions.json             format of this folder, version of Motet and oneDNN, threads, seed
/// fitted/                   schema, vocabularies and statistics learnt from the training rows
/// graph.json                the model: inputs, outputs, parameters, one line an operation
/// kernels.json              kernels chosen by measuring, replayed by a resumed run
/// checkpoints/              last.safetensors (to resume), best.safetensors
/// history.jsonl             one line an epoch
/// warm_start.json           what was carried over from another run
/// parameters.safetensors    the trained parameters: the best epoch's where one is watched
/// calibration.json          how probabilities are brought to where they come true, where tasks ask for it
/// metrics.json              metrics by task and scenario, with intervals
/// score_reference.json      how scores are spread over rows that were not learnt from
/// report.html               all of it as a page
/// tensorboard/              event files for TensorBoard, where asked for
/// explain/                  what `motet explain` found
/// ```
public struct RunDirectory: Hashable, Sendable {
    /// The version of the layout this version writes, and the highest it reads.
    public static let formatVersion = 1
    /// The folder.
    public let path: String

    /// Names a run directory.
    public init(_ path: String) { self.path = path }

    /// The experiment with every default written out.
    public var configurationFile: String { path + "/configuration.yaml" }
    /// What the run was made with.
    public var versionsFile: String { path + "/versions.json" }
    /// Schema, vocabularies and statistics.
    public var fittedFolder: String { path + "/fitted" }
    /// The model as a listing.
    public var graphFile: String { path + "/graph.json" }
    /// Kernels chosen by measuring.
    public var kernelsFile: String { path + "/kernels.json" }
    /// The last and the best state of the training.
    public var checkpoints: CheckpointFolder { CheckpointFolder(path: path + "/checkpoints") }
    /// One line an epoch.
    public var historyFile: String { path + "/history.jsonl" }
    /// What was carried over from another run.
    public var warmStartFile: String { path + "/warm_start.json" }
    /// The trained parameters.
    public var parametersFile: String { path + "/parameters.safetensors" }
    /// What was measured at the end.
    public var metricsFile: String { path + "/metrics.json" }
    /// What was measured, and how the training went, as a page.
    public var reportFile: String { path + "/report.html" }

    /// Whether the folder holds a run.
    public var isRun: Bool { FileManager.default.fileExists(atPath: versionsFile) }
    /// Whether the training came to its end.
    public var isFinished: Bool { FileManager.default.fileExists(atPath: parametersFile) }

    /// Checks that a new run may be written here.
    ///
    /// - Throws: `ExperimentError` with the code `run_exists`.
    func checkIsFree() throws {
        let contents = try? FileManager.default.contentsOfDirectory(atPath: path)
        guard let contents, !contents.isEmpty else {
            guard contents == nil, FileManager.default.fileExists(atPath: path) else { return }
            throw ExperimentError(
                .runExists,
                "run \"\(path)\": a file is in the way; expected a folder that is new or empty."
            )
        }
        throw ExperimentError(
            .runExists,
            isRun
                ? "run \"\(path)\": there is a run already; expected a folder that is new or empty. "
                    + "Go on with it by `--resume`, or name another folder by `--output`."
                : "run \"\(path)\": the folder holds other files; expected one that is new or "
                    + "empty. Name another by `--output`."
        )
    }

    /// Checks that the folder holds a run this version can read.
    ///
    /// - Returns: what the run was made with.
    /// - Throws: `ExperimentError` with the code `run_invalid` or `run_newer`.
    public func versions() throws -> RunVersions {
        struct Format: Decodable { var format: Int }
        guard let data = FileManager.default.contents(atPath: versionsFile) else {
            throw ExperimentError(
                .runInvalid,
                "run \"\(path)\": this is no run directory; expected a folder that `motet train` "
                    + "wrote, with versions.json in it. Is the path right?"
            )
        }
        guard let format = try? JSONDecoder().decode(Format.self, from: data).format else {
            throw damaged("versions.json")
        }
        guard format <= Self.formatVersion else {
            throw ExperimentError(
                .runNewer,
                "run \"\(path)\": a later version of Motet wrote it; expected format "
                    + "\(Self.formatVersion) or lower; received \(format). Use that version."
            )
        }
        guard let versions = try? JSONDecoder().decode(RunVersions.self, from: data) else {
            throw damaged("versions.json")
        }
        return versions
    }

    func damaged(_ file: String) -> ExperimentError {
        ExperimentError(
            .runInvalid,
            "run \"\(path)\": \(file) is damaged; expected it as `motet train` wrote it. Train "
                + "again, or use a copy of the run."
        )
    }

    /// The experiment of the run; its paths are absolute.
    ///
    /// - Throws: `ConfigurationError` when the file was changed and is wrong now.
    public func experiment() throws -> Experiment {
        try Experiment(contentsOf: URL(fileURLWithPath: configurationFile))
    }

    /// What was learnt from the training rows.
    ///
    /// - Throws: `PreparationError` when a file is missing or damaged.
    public func fitted() throws -> FittedSchema {
        try FittedSchema(folder: URL(fileURLWithPath: fittedFolder))
    }

    /// The epochs of the training; empty where none was finished.
    ///
    /// - Throws: `ExperimentError` with the code `run_invalid` when a line is damaged.
    public func history() throws -> [EpochRecord] {
        guard let data = FileManager.default.contents(atPath: historyFile) else { return [] }
        return try data.split(separator: UInt8(ascii: "\n")).map { line in
            guard let record = try? JSONDecoder().decode(EpochRecord.self, from: line) else {
                throw damaged("history.jsonl")
            }
            return record
        }
    }

    /// What was measured at the end of the training.
    ///
    /// - Throws: `ExperimentError` with the code `run_invalid` when the file is missing or damaged.
    public func metrics() throws -> RunMetrics {
        guard let data = FileManager.default.contents(atPath: metricsFile),
            let metrics = try? JSONDecoder().decode(RunMetrics.self, from: data)
        else { throw damaged("metrics.json") }
        return metrics
    }
}
