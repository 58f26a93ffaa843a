import Foundation
import MotetCore
import MotetData
import MotetMetrics
import MotetRecommenders
import MotetTraining

extension ExperimentRunner {
    /// The batches of training rows looked at where a training recorded no gradients.
    private static let batches = 16

    /// Says where the tasks of a run conflict, what that costs, who uses which expert, whether predictions come true,
    /// what features count for, and what to try.
    ///
    /// The run is not changed; files go to a folder of their own.
    ///
    /// - Parameter request: the run, and what to compare it with.
    /// - Returns: what was found, and where it was written.
    /// - Throws: the first mistake as a `ReportableError`.
    public func explain(
        _ request: ExplainRequest
    ) throws -> (explanation: Explanation, folder: ExplanationFolder) {
        let run = try TrainedRun(request.run)
        let history = try run.directory.history()
        // Before anything is computed, which may take long.
        let others = try request.against.map { try TrainedRun($0) }
        for (path, other) in zip(request.against, others) { try check(other, path, against: run) }
        try replayThreads(run)
        let data = try prepareAll(run.experiment)
        try checkSameData(run.directory, data, run.versions)
        guard let part = [DataPart.test, .validation].first(where: { data.rowCount($0) > 0 }) else {
            throw ExperimentError(
                .partMissing,
                "run \"\(request.run)\": the experiment has no test or validation rows; expected some "
                    + "to explain it on. Add `data.test` or a split, and train again."
            )
        }
        let session = try engine.start(run.directory.recordedKernels(), false)
        let trainer = try trainer(run.experiment, run.fitted, session)
        trainer.parameters = run.parameters
        var notes: [String] = []
        let conflicts = try conflicts(run, history, trainer, data, &notes)
        observer.note("measuring the \(part.rawValue) rows")
        let observations = try run.calibration.applied(
            to: data.observations(trainer, part) ?? []
        )
        let bootstrap = Self.bootstrap(run.experiment)
        let binary = run.experiment.tasks.filter { $0.loss.isBinary }.map(\.name)
        let sample = sample(data, part, rows: request.rows, seed: run.experiment.seed)
        let sampled = sample.reduce(0) { $0 + $1.rows.rowCount }
        var explanation = Explanation(
            run: request.run,
            architecture: run.experiment.model.architecture.name,
            tasks: run.experiment.tasks.map(\.name),
            scenarios: run.fitted.scenarios,
            part: part.rawValue,
            rows: data.rowCount(part),
            sampledRows: sampled,
            conflicts: conflicts,
            transfer: try transfer(run, observations, request, others),
            experts: try sample.first.map { source in
                try trainer.expertUse(source.rows, scenarios: run.fitted.scenarios.count)
                    .map(Experts.init)
            } ?? [],
            balance: TaskBalance.all(
                run.experiment.tasks.map { ($0.name, Double($0.weight)) },
                history,
                norms: conflicts?.whole.norms ?? []
            ),
            calibration: CalibrationEntry.all(
                observations,
                probabilities: Set(binary),
                scenarios: run.fitted.scenarios,
                bootstrap: bootstrap
            ),
            importance: try importance(run, trainer, sample, request),
            recommendations: [],
            notes: notes
        )
        explanation.addNotes(request, run, bootstrap)
        explanation.recommendations = RecommendationRules(
            experiment: run.experiment,
            isBuildable: { (try? $0.model(run.fitted)) != nil }
        ).recommendations(for: explanation)
        let folder = ExplanationFolder(request.output ?? request.run + "/explain")
        try folder.write(explanation)
        return (explanation, folder)
    }

    /// The gradients a training recorded, or else those of the final parameters on training rows.
    private func conflicts(
        _ run: TrainedRun,
        _ history: [EpochRecord],
        _ trainer: Trainer,
        _ data: ExperimentData,
        _ notes: inout [String]
    ) throws -> Conflicts? {
        let tasks = run.experiment.tasks
        guard tasks.count > 1 else {
            notes.append("There is one task: nothing conflicts, and nothing is out of balance.")
            return nil
        }
        if let recorded = Conflicts(history) { return recorded }
        observer.note("comparing gradients: the training recorded none")
        for source in data.sources {
            let record = try trainer.sharedGradients(
                source.splits.training,
                tasks: source.tasks,
                batchSize: run.experiment.training.batchSize,
                batches: Self.batches
            )
            guard let record else { continue }
            notes.append(
                "The training recorded no gradients: those shown are of the final parameters, on "
                    + "\(record.probes) batches of training rows."
            )
            return Conflicts(final: record)
        }
        notes.append("No two tasks share a dense parameter: there are no gradients to compare.")
        return nil
    }

    /// The run beside each other one, on the same rows.
    private func transfer(
        _ run: TrainedRun,
        _ observations: [TaskObservations],
        _ request: ExplainRequest,
        _ others: [TrainedRun]
    ) throws -> [Transfer] {
        try zip(request.against, others).map { path, other in
            observer.note("comparing with \(path)")
            let found = try evaluate(other, files: [], withIntervals: false)
            let shared = observations.filter { task in
                found.observations.contains { $0.task == task.task }
            }
            for task in shared {
                let same = found.observations.first { $0.task == task.task }
                guard same?.observations.hasSameRows(as: task.observations) == true else {
                    throw ExperimentError(
                        .runMismatch,
                        "run \"\(path)\": task \"\(task.task)\" was measured on other rows than in "
                            + "\"\(request.run)\"; expected the same files and split; received "
                            + "\(same?.observations.count ?? 0) rows against \(task.observations.count)."
                    )
                }
            }
            return Transfer(
                run: path,
                architecture: other.experiment.model.architecture.name,
                try MetricComparison(
                    of: shared,
                    with: found.observations,
                    scenarios: run.fitted.scenarios,
                    bootstrap: Self.bootstrap(run.experiment)
                        ?? Bootstrap(
                            resamples: 200,
                            key: RandomKey(seed: run.experiment.seed).split("bootstrap")
                        )
                )
            )
        }
    }

    private func check(_ other: TrainedRun, _ path: String, against run: TrainedRun) throws {
        let tasks = run.experiment.tasks.map(\.name)
        let theirs = other.experiment.tasks.map(\.name)
        guard theirs.contains(where: tasks.contains),
            other.fitted.scenarios == run.fitted.scenarios
        else {
            throw ExperimentError(
                .runMismatch,
                "run \"\(path)\": it does not compare with \"\(run.directory.path)\"; expected a task in "
                    + "common and the same scenarios; received tasks \(theirs) against \(tasks) and "
                    + "scenarios \(other.fitted.scenarios) against \(run.fitted.scenarios)."
            )
        }
    }

    /// Rows of each source, all or a random part, in their order.
    private func sample(
        _ data: ExperimentData,
        _ part: DataPart,
        rows: Int,
        seed: UInt64
    ) -> [(tasks: [String]?, rows: PreparedDataset)] {
        data.sources.enumerated().compactMap { number, source in
            guard let all = source.splits[part], all.rowCount > 0 else { return nil }
            guard all.rowCount > rows else { return (source.tasks, all) }
            var random = RandomKey(seed: seed).split("explain").split(number).generator()
            let chosen = (0..<all.rowCount).shuffled(using: &random).prefix(rows).sorted()
            return (source.tasks, all.selecting(chosen))
        }
    }

    private func importance(
        _ run: TrainedRun,
        _ trainer: Trainer,
        _ sample: [(tasks: [String]?, rows: PreparedDataset)],
        _ request: ExplainRequest
    ) throws -> [FeatureImportance] {
        let features = run.featureColumns
        let passes = (features.count * request.repeats + 1) * sample.count
        var done = 0
        var found: [FeatureImportance] = []
        for source in sample {
            let made = try trainer.featureImportance(
                features,
                source.rows,
                tasks: source.tasks,
                repeats: request.repeats,
                key: RandomKey(seed: run.experiment.seed).split("importance"),
                progress: { [observer] passed in
                    observer.explained("permuting features", done: done + passed, of: passes)
                }
            )
            done += features.count * request.repeats + 1
            guard !found.isEmpty else {
                found = made
                continue
            }
            for place in found.indices { found[place].tasks += made[place].tasks }
        }
        return found.sorted { $0.greatestShare > $1.greatestShare }
    }
}

extension FeatureImportance {
    /// The greatest drop of a task in its own spread, by which features are sorted.
    fileprivate var greatestShare: Double { tasks.map(\.mean).max() ?? 0 }
}
