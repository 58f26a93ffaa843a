import MotetCore
import Foundation
import MotetData
import MotetFeatures
import MotetNN
import MotetTraining

/// Keeps a model learning: small updates of a candidate from what was shown and what became of it, a gate, and a link that
/// leads to the model that answers.
///
/// Each step is a function of the logs, the live run and a span of time. The candidate's folder is made whole, then what is
/// to be done is written down, then the link is switched: a program that is killed leaves a whole model, and goes on where it
/// was when it is started again.
public final class ModelLearner {
    private let settings: LearnSettings
    private let engine: ExperimentEngine
    private let shouldStop: () -> Bool
    private let link: RunLink

    /// Creates a learner.
    ///
    /// - Parameters:
    ///   - settings: what it learns from, and how.
    ///   - engine: what computes.
    ///   - shouldStop: asked after every step; true ends it there.
    public init(
        _ settings: LearnSettings,
        engine: ExperimentEngine,
        shouldStop: @escaping () -> Bool = { false }
    ) {
        self.settings = settings
        self.engine = engine
        self.shouldStop = shouldStop
        link = RunLink(path: settings.run)
    }

    /// Learns what the logs have that was not learnt yet.
    ///
    /// - Parameters:
    ///   - end: the moment it is taken to be, in milliseconds since 1970; nil for the earlier of the logs' last times, less
    ///     the settings' lag.
    ///   - latest: the latest time that may be, in milliseconds since 1970; nil where any may.
    ///   - told: told each step when it is done.
    /// - Throws: the first mistake as a `ReportableError`; the live run answers on. A step that is asked to stop ends without
    ///   an error, and nothing of it is kept.
    public func learn(
        through end: Int64? = nil,
        latest: Int64? = nil,
        told: (LearnedStep) throws -> Void
    ) throws {
        let live = try TrainedRun(try link.target())
        try LearningTasks.check(settings, live)
        let logs = try LearningLogs(settings, live, latest: latest)
        if let end, let latest, end > latest {
            throw ExperimentError(
                .partMissing,
                "learning: the moment is in the future; expected at most \(latest), in milliseconds since 1970; received "
                    + "\(end)."
            )
        }
        let lock = try LearnLock(folder: settings.output)
        defer { lock.release() }
        let state = try resumed()
        guard let last = end ?? logs.whole.map({ $0 - settings.lag }), let first = logs.first else {
            throw ExperimentError(
                .partMissing,
                "exposures: there is no row; expected some that were shown."
            )
        }
        // Steps from long before the first exposure would be many, and learn nothing.
        let start = max(settings.from ?? first, first)
        var current = state ?? LearnState(learnedThrough: start - 1)
        let step = settings.step ?? max(last - current.learnedThrough, 1)
        while current.learnedThrough + step <= last, !shouldStop() {
            let through = current.learnedThrough + step
            let live = try TrainedRun(try link.target())
            // One that was put there by hand is begun from anew.
            if current.origin == nil || current.live != live.directory.path {
                current.origin = live.directory.path
            }
            guard
                let done = try learn(
                    logs,
                    after: current.learnedThrough,
                    through,
                    current.step + 1,
                    live,
                    origin: current.origin
                )
            else { return }
            try LearnedStep.add(done, to: settings.output)
            current.step = done.step
            current.learnedThrough = through
            current.promoting = done.promoted
            current.live = done.promoted ?? live.directory.path
            try current.write(to: settings.output)
            if let run = done.promoted {
                try link.lead(to: run)
                current.promoting = nil
                try current.write(to: settings.output)
            }
            try removeOld()
            try told(done)
        }
    }

    /// The state, with what was interrupted brought to its end.
    private func resumed() throws -> LearnState? {
        guard var state = try LearnState(folder: settings.output) else { return nil }
        if let run = state.promoting {
            try link.lead(to: run)
            state.promoting = nil
            try state.write(to: settings.output)
        }
        return state
    }

    private func learn(
        _ logs: LearningLogs,
        after start: Int64,
        _ end: Int64,
        _ number: Int,
        _ live: TrainedRun,
        origin: String?
    ) throws -> LearnedStep? {
        let tasks = LearningTasks(settings, live)
        func isHeldOut(_ exposure: OutcomeJoin.Exposure) -> Bool {
            let hash = ValueHash.hash(of: "learn/" + exposure.user)
            return Double(hash >> 11) * 0x1p-53 < settings.heldOut
        }
        let rows = logs.join.rows(after: start, through: end) { !isHeldOut($0) }
        let measured = logs.join.known(
            at: end,
            window: settings.gateWindow,
            age: settings.tasks.map(\.gateAge),
            where: isHeldOut
        )
        var step = LearnedStep(
            step: number,
            after: start,
            through: end,
            live: live.directory.path,
            rows: rows.count,
            corrections: rows.count(where: \.isCorrection),
            cells: []
        )
        guard !rows.isEmpty, !measured.isEmpty else {
            step.reason =
                rows.isEmpty ? "there is nothing to learn" : "there is no row to measure on"
            return step
        }
        let session = try engine.start(live.directory.recordedKernels(), false)
        let trainer = try Trainer(
            live.model,
            optimizer: settings.optimizer.optimizer,
            tasks: tasks.named,
            seed: live.experiment.seed &+ UInt64(number),
            backend: session.backend
        )
        trainer.parameters = live.parameters
        let encoding = LearningRows(live)
        let seen = try encoding.dataset(logs, measured, tasks.names, settings.tasks.map(\.name))
        let before = try trainer.predict(seen, batchSize: 4096)
        var options = FitOptions(epochs: 1, batchSize: settings.batchSize)
        options.scenarios = live.fitted.scenarios
        options.shouldStop = shouldStop
        options.allowsTasksWithoutRows = true
        let learnt = try encoding.dataset(logs, rows, tasks.names, settings.tasks.map(\.name))
        do {
            let history = try trainer.fit(learnt, options: options)
            guard !history.isInterrupted else { return nil }
        } catch let error as TrainingError where error.code == .lossNotFinite {
            step.reason = "the training came to nothing: \(error.description)"
            return step
        }
        let after = try trainer.predict(seen, batchSize: 4096)
        var first: [String: Tensor]?
        if let origin, origin != live.directory.path, let run = try? TrainedRun(origin) {
            let learnt = trainer.parameters
            trainer.parameters = run.parameters
            first = try trainer.predict(seen, batchSize: 4096)
            trainer.parameters = learnt
        }
        step.cells = cells(
            measured,
            encoding.scenarios(logs, measured),
            live,
            before,
            after,
            origin: first
        )
        switch settings.gate.decide(&step.cells) {
        case .discard(let reason): step.reason = reason
        case .promote:
            step.promoted = try CandidateRun(live, settings.output, number).write(trainer)
        }
        return step
    }

    /// Both models by task, over all rows and in each scenario.
    private func cells(
        _ rows: [OutcomeJoin.Row],
        _ scenarios: [Int?],
        _ live: TrainedRun,
        _ before: [String: Tensor],
        _ after: [String: Tensor],
        origin: [String: Tensor]?
    ) -> [LearningGate.Cell] {
        var cells: [LearningGate.Cell] = []
        for (place, task) in settings.tasks.enumerated() {
            // As both would answer: with the calibrators of the run, which the candidate keeps.
            var (old, new) = (before[task.name]?.floats ?? [], after[task.name]?.floats ?? [])
            let numbers = scenarios.map { Int32($0 ?? -1) }
            live.calibration.apply(to: &old, task.name, numbers)
            live.calibration.apply(to: &new, task.name, numbers)
            let first = (origin?[task.name]?.floats).map { floats in
                var calibrated = floats
                live.calibration.apply(to: &calibrated, task.name, numbers)
                return calibrated
            }
            let groups: [(String?, Int?)] =
                [(nil, nil)] + live.fitted.scenarios.enumerated().map { ($1, $0) }
            for (name, scenario) in groups {
                let taken = rows.indices.filter { row in
                    rows[row].labels[place] != nil && (name == nil || scenarios[row] == scenario)
                }
                guard !taken.isEmpty else { continue }
                let labels = taken.map { rows[$0].labels[place] ?? 0 }
                cells.append(
                    LearningGate.Cell(
                        task: task.name,
                        scenario: name,
                        rows: taken.count,
                        positives: labels.count { $0 > 0.5 },
                        live: .init(predictions: taken.map { old[$0] }, labels: labels),
                        candidate: .init(predictions: taken.map { new[$0] }, labels: labels),
                        origin: first.map { first in
                            .init(predictions: taken.map { first[$0] }, labels: labels)
                        }
                    )
                )
            }
        }
        return cells
    }

    /// Removes candidates that are neither live nor among the last.
    private func removeOld() throws {
        let manager = FileManager.default
        let live = try link.target()
        let folders = ((try? manager.contentsOfDirectory(atPath: settings.output)) ?? [])
            .filter { $0.hasPrefix(CandidateRun.prefix) }.sorted()
        for name in folders.dropLast(settings.kept) {
            let path = URL(fileURLWithPath: settings.output + "/" + name).resolvingSymlinksInPath()
                .path
            if path != live { try? manager.removeItem(atPath: path) }
        }
    }
}
