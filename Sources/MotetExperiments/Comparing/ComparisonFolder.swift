import Foundation
import MotetConfiguration
import MotetCore
import MotetTraining

/// The folder of a comparison: its experiments, their runs, and what was found.
///
/// ```
/// comparison.yaml           every cell's experiment, written out
/// cells/<cell>/seed-1/      a run directory, as `motet train` writes it
/// cells/<cell>/seed-1.yaml  its experiment, and seed-1.log, what it printed
/// usage.json                seconds and memory of each run
/// report.json, report.md    what was found
/// comparison.html           the same as a page
/// best/                     a copy of the chosen run, where one is chosen
/// ```
public struct ComparisonFolder: Hashable, Sendable {
    /// The version of the layout this version writes.
    static let formatVersion = 1
    /// The folder.
    public let path: String

    /// Names a folder.
    public init(_ path: String) { self.path = path }

    /// Every cell's experiment.
    var configurationFile: String { path + "/comparison.yaml" }
    /// Held while a comparison, or a run it left, is at work.
    var lockFile: String { path + "/.lock" }
    /// Seconds and memory of each run.
    var usageFile: String { path + "/usage.json" }
    /// What was found, for programs.
    public var reportFile: String { path + "/report.json" }
    /// What was found, for people.
    public var markdownFile: String { path + "/report.md" }
    /// What was found, as a page.
    public var pageFile: String { path + "/comparison.html" }
    /// A copy of the chosen run.
    public var best: String { path + "/best" }

    /// The full path of a run.
    func place(_ run: ComparisonRun) -> String { path + "/" + run.path }

    /// Whether there is a comparison here.
    var isComparison: Bool { FileManager.default.fileExists(atPath: configurationFile) }

    /// Checks that a comparison may begin or go on here.
    ///
    /// - Throws: `ExperimentError` when the folder holds something else, or another comparison.
    func check(_ comparison: Comparison) throws {
        guard isComparison else {
            let contents = try? FileManager.default.contentsOfDirectory(atPath: path)
            guard contents?.isEmpty ?? !FileManager.default.fileExists(atPath: path) else {
                throw ExperimentError(
                    .runExists,
                    "comparison \"\(path)\": the place is taken; expected a folder that is new or "
                        + "empty. Name another by `--output`."
                )
            }
            return
        }
        let document = try ConfigurationDocument(
            contentsOf: URL(fileURLWithPath: configurationFile)
        )
        let changes = ExperimentRunner.changes(from: document.root, to: comparison.node)
        guard !changes.isEmpty else { return }
        let shown = changes.prefix(5).joined(separator: ", ")
        let more = changes.count > 5 ? " and \(changes.count - 5) more" : ""
        throw ExperimentError(
            .runMismatch,
            "comparison \"\(path)\": the configuration has changed since it began; expected the same "
                + "cells, seeds and baselines; received others at \(shown)\(more). Name a new folder by "
                + "`--output`; only `budget` and `select` may change."
        )
    }

    /// Makes the folder; a comparison is one that has its file.
    func begin(_ comparison: Comparison) throws {
        guard !isComparison else { return }
        let yaml = ConfigurationWriter.yaml(comparison.node)
        try AtomicFile.write(configurationFile, text: yaml)
    }

    /// Holds the folder, so that nobody else writes to it.
    ///
    /// Runs inherit the lock: where a comparison was killed, it is free once the last of its runs has
    /// noticed, after a step.
    ///
    /// - Parameters:
    ///   - patience: seconds to wait for the runs of a comparison that was killed.
    ///   - wait: told that it has to wait.
    /// - Returns: the descriptor, to be closed in the end.
    /// - Throws: `ExperimentError` when another comparison holds it.
    func lock(patience: Double, wait: () -> Void) throws -> Int32 {
        let descriptor = open(lockFile, O_RDWR | O_CREAT, 0o644)
        guard descriptor >= 0 else {
            throw TrainingError(
                .cannotWrite,
                "file \"\(lockFile)\": cannot be written: \(String(cString: strerror(errno)))."
            )
        }
        var waited = 0.0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard waited < patience else {
                close(descriptor)
                throw ExperimentError(
                    .runExists,
                    "comparison \"\(path)\": another `motet compare` is at work here; expected nobody. "
                        + "Wait for its end, or name another folder by `--output`."
                )
            }
            if waited == 0 { wait() }
            usleep(50_000)
            waited += 0.05
        }
        return descriptor
    }
}

/// One training of a comparison.
struct ComparisonRun: Hashable {
    /// The cell; ``Comparison/tunedName`` for trials of the search.
    let cell: String
    /// The number of the trial, from 1; nil where the cell is no search.
    let trial: Int?
    /// The seed.
    let seed: UInt64
    /// The experiment with the seed.
    let experiment: Experiment
    /// The least memory it takes in bytes: that of its parameters.
    var leastMemory: Int64 = 0

    /// The run directory below the comparison's folder.
    var path: String {
        let folder = trial.map { "/trial-\($0)" } ?? ""
        return "cells/\(cell)\(folder)/seed-\(seed)"
    }

    /// The experiment as a file.
    var yaml: String { ConfigurationWriter.yaml(experiment.node) }

    /// What it is called while it runs.
    var title: String { cell + (trial.map { " trial \($0)" } ?? "") + ", seed \(seed)" }
}

/// What a run took.
struct RunUsage: Codable, Hashable {
    /// Seconds from start to end, of all its parts.
    var seconds = 0.0
    /// The most memory of its own, in bytes; the mapped cache of the data is not in it.
    var memory: Int64 = 0
}
