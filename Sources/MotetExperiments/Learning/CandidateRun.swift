import Foundation
import MotetTraining

/// A run directory with the parameters of a candidate and everything else of the live run.
struct CandidateRun {
    static let prefix = "step-"

    private let live: TrainedRun
    private let folder: String

    init(_ live: TrainedRun, _ output: String, _ number: Int) {
        self.live = live
        let digits = String(number)
        folder =
            output + "/" + Self.prefix
            + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// Checks that the folder is not the one that answers: steps begin at 1 again where the state was removed, and the
    /// live run may be one of an earlier count.
    private func checkPlace() throws(ExperimentError) {
        let place = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        let answering = URL(fileURLWithPath: live.directory.path).resolvingSymlinksInPath().path
        guard place == answering else { return }
        throw ExperimentError(
            .runInvalid,
            "run \"\(folder)\": it is the live one, and a candidate would be written over it; expected a folder of "
                + "candidates with its `state.json`. Put that back, or name another `output`."
        )
    }

    /// What tells of the training of the live run, and would be wrong of the candidate.
    private static let left: Set<String> = [
        "checkpoints", "history.jsonl", "metrics.json", "report.html", "tensorboard", "explain",
        "warm_start.json", "parameters.safetensors",
    ]

    /// Writes the folder; it appears whole.
    ///
    /// - Parameter trainer: has the candidate's parameters.
    /// - Returns: the folder.
    /// - Throws: `ExperimentError` or `TrainingError` where it cannot be written; nothing is left of it then.
    func write(_ trainer: Trainer) throws -> String {
        try checkPlace()
        let manager = FileManager.default
        let partial = folder + ".partial"
        do {
            for path in [partial, folder] where manager.fileExists(atPath: path) {
                try manager.removeItem(atPath: path)
            }
            try manager.createDirectory(atPath: partial, withIntermediateDirectories: true)
            for name in try manager.contentsOfDirectory(atPath: live.directory.path)
            where !Self.left.contains(name) && !name.hasSuffix(".partial") {
                try manager.copyItem(
                    atPath: live.directory.path + "/" + name,
                    toPath: partial + "/" + name
                )
            }
            let run = RunDirectory(partial)
            var versions = live.versions
            versions.warmStart = live.directory.path
            try run.write(versions, to: run.versionsFile)
            try trainer.writeParameters(to: run.parametersFile)
            try manager.moveItem(atPath: partial, toPath: folder)
        } catch {
            try? manager.removeItem(atPath: partial)
            if error is ExperimentError || error is TrainingError { throw error }
            throw ExperimentError(
                .runInvalid,
                "run \"\(folder)\": it cannot be written; expected a folder with room; received "
                    + "\"\(error.localizedDescription)\"."
            )
        }
        return URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
    }
}
