import Foundation
import MotetMetrics
import MotetReports
import MotetTraining

/// An epoch as numbers with names, as TensorBoard shows them.
enum EpochScalars {
    /// The numbers of an epoch: `loss/<task>`, `weight/<task>`, `validation/<task>/<metric>`, the same with
    /// `/<scenario>` behind, `training/learning_rate`, `training/rows_per_second`, and where gradients were compared
    /// `gradients/cosine/<task>/<task>` and `gradients/opposed/<task>/<task>`.
    static func scalars(of epoch: EpochRecord) -> [(tag: String, value: Double?)] {
        var scalars: [(tag: String, value: Double?)] = []
        for loss in epoch.losses {
            scalars.append(("loss/\(loss.task)", loss.value))
            if let weight = loss.weight { scalars.append(("weight/\(loss.task)", Double(weight))) }
        }
        for entry in epoch.validation?.entries ?? [] {
            let scenario = entry.scenario.map { "/\($0)" } ?? ""
            scalars.append(
                (
                    "validation/\(entry.task)/\(entry.metric)\(scenario)",
                    entry.estimate.value.value
                )
            )
        }
        scalars.append(("training/learning_rate", Double(epoch.learningRate)))
        // An epoch resumed after its last step has no rate of its own.
        let rate = epoch.rowsPerSecond
        scalars.append(("training/rows_per_second", rate > 0 ? rate : nil))
        let tasks = epoch.gradients?.tasks ?? epoch.sharedGradients?.tasks ?? []
        for first in tasks.indices {
            for second in tasks.indices where second > first {
                let pair = "\(tasks[first])/\(tasks[second])"
                let shared = epoch.sharedGradients?.whole
                let cosine =
                    epoch.gradients?.meanCosine(first, second) ?? shared?.meanCosine(first, second)
                let opposed =
                    epoch.gradients?.conflictShare(first, second)
                    ?? shared?.conflictShare(first, second)
                scalars.append(("gradients/cosine/\(pair)", cosine))
                scalars.append(("gradients/opposed/\(pair)", opposed))
            }
        }
        return scalars
    }
}

extension RunDirectory {
    /// The folder of TensorBoard's event files, where they are written.
    public var eventFolder: String { path + "/tensorboard" }

    /// The writer of event files, where they were asked for now or when the run began.
    func events(_ isAskedFor: Bool) throws -> EventFolder? {
        guard isAskedFor || FileManager.default.fileExists(atPath: eventFolder) else { return nil }
        // Made at once, so that a run stopped before its first epoch goes on with event files too.
        return try told {
            try FileManager.default.createDirectory(
                atPath: eventFolder,
                withIntermediateDirectories: true
            )
            return try EventFolder(eventFolder)
        }
    }

    /// Adds an epoch to the event files.
    func add(_ epoch: EpochRecord, to events: EventFolder) throws {
        try told { try events.add(EpochScalars.scalars(of: epoch), step: epoch.step) }
    }

    private func told<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            throw TrainingError(
                .cannotWrite,
                "folder \"\(eventFolder)\": event files cannot be written: \(error.localizedDescription)"
            )
        }
    }
}
