import Foundation
import MotetMetrics
import MotetRecommenders

extension Explanation {
    /// What the reader must know that no figure says.
    mutating func addNotes(
        _ request: ExplainRequest,
        _ run: TrainedRun,
        _ bootstrap: Bootstrap?
    ) {
        if request.against.isEmpty, tasks.count > 1 {
            if run.experiment.model.architecture.name == "single_task" {
                notes.append("The run trains each task alone: there is no transfer between tasks.")
            } else {
                let beside = run.singleTaskRunBeside
                notes.append(
                    beside.map {
                        "\($0) trains each task alone: `--against \($0)` tells what training them together cost."
                    }
                        ?? "What training the tasks together cost is told by `--against RUN`, with a run of the same experiment and `model: { architecture: single_task }`."
                )
            }
        }
        if sampledRows < rows {
            notes.append(
                "Experts and features were looked at on \(sampledRows) of \(rows) rows, drawn at random; `--rows` sets how many."
            )
        }
        if bootstrap == nil {
            notes.append("`evaluation.resamples` is 0: calibration has no intervals.")
        }
        let empty = scenarios.filter { name in
            calibration.contains { $0.scenario == name && $0.ratio.value.rows == 0 }
        }
        for name in empty {
            notes.append("Scenario \"\(name)\" has no \(part) rows with a label of some task.")
        }
    }
}

extension TrainedRun {
    /// A finished run of single tasks in the folder this one is in, with the same data.
    var singleTaskRunBeside: String? {
        let path = directory.path
        let folder = (path as NSString).deletingLastPathComponent
        let own = (path as NSString).lastPathComponent
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder))
            ?? []
        for name in names.sorted() where name != own {
            let other = RunDirectory(folder.isEmpty ? name : folder + "/" + name)
            guard other.isRun, other.isFinished, let found = try? other.experiment(),
                found.model.architecture.name == "single_task",
                found.data == experiment.data,
                found.tasks.map(\.name) == experiment.tasks.map(\.name)
            else { continue }
            return other.path
        }
        return nil
    }
}
