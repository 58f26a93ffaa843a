import MotetConfiguration
import MotetData

extension ExperimentRunner {
    /// Checks that a run can be gone on with.
    ///
    /// - Parameters:
    ///   - run: the run directory.
    ///   - experiment: what is asked for.
    /// - Returns: what the run was made with.
    /// - Throws: `ExperimentError` when there is no run, it is finished, or the experiment is another.
    func resumable(_ run: RunDirectory, _ experiment: Experiment) throws -> RunVersions {
        let versions = try run.versions()
        guard !run.isFinished else {
            throw ExperimentError(
                .runExists,
                "run \"\(run.path)\": the training has come to its end; expected one that was "
                    + "stopped. Train anew into another folder by `--output`; `--warm-start "
                    + "\(run.path)` carries its parameters over."
            )
        }
        let before = try run.experiment()
        let changes = Self.changes(from: before.node, to: experiment.node)
        guard changes.isEmpty else {
            throw ExperimentError(
                .runMismatch,
                "run \"\(run.path)\": the experiment has changed since the run began; expected the "
                    + "same settings; received others at \(changes.joined(separator: ", ")). "
                    + "`motet train \(run.path) --resume` goes on with the settings of the run."
            )
        }
        return versions
    }

    /// Checks that prepared data are those a run was trained on.
    func checkSameData(
        _ run: RunDirectory,
        _ data: ExperimentData,
        _ versions: RunVersions
    ) throws {
        guard
            try run.fitted().contentHash != data.fitted.contentHash
                || versions.sources != data.contentOfTaskFiles
        else { return }
        throw ExperimentError(
            .runMismatch,
            "run \"\(run.path)\": the data have changed since the run began; expected the same "
                + "vocabularies and statistics. Train anew; `--warm-start` carries parameters over."
        )
    }

    /// The keys whose values differ between two trees.
    static func changes(
        from old: ConfigurationNode,
        to new: ConfigurationNode,
        at path: String = ""
    ) -> [String] {
        guard old != new else { return [] }
        switch (old.content, new.content) {
        case (.map(let left), .map(let right)):
            var keys = left.map(\.key)
            keys += right.map(\.key).filter { !keys.contains($0) }
            return keys.flatMap { key -> [String] in
                let place = path.isEmpty ? key : "\(path).\(key)"
                guard let before = old[key], let after = new[key] else {
                    return old[key] == new[key] ? [] : ["`\(place)`"]
                }
                return changes(from: before, to: after, at: place)
            }
        case (.list(let left), .list(let right)) where left.count == right.count:
            return left.indices.flatMap { index in
                changes(from: left[index], to: right[index], at: "\(path)[\(index)]")
            }
        default: return ["`\(path)`"]
        }
    }
}
