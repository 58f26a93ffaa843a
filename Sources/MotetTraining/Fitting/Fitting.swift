import MotetCore
import MotetData
import MotetMetrics
import MotetOptimizers

/// One call of `fit`: the loop over phases, reports and steps.
final class Fitting {
    private let trainer: Trainer
    private let runner: ScheduleRunner
    private let options: FitOptions
    private let losses: EpochLosses
    private let clock = ContinuousClock()
    private var state = FitState()
    private let best: BestEpochs
    /// The phase that runs.
    private var active: ActivePhase?
    /// The reports of phases before, and of all phases; an order that is found changes neither.
    private var reportCount = 0
    private var isAskedToStop = false

    init(_ trainer: Trainer, _ runner: ScheduleRunner, _ options: FitOptions) throws {
        self.trainer = trainer
        self.runner = runner
        self.options = options
        best = try BestEpochs(trainer, options.monitor, options.checkpoints)
        losses = EpochLosses(
            trainer.tasks.tasks.map(\.name),
            comparesGradients: trainer.aggregation != nil || trainer.weighting.aggregation != nil
        )
        state.updates = [Int](repeating: 0, count: runner.groupCount)
    }

    func run() throws -> History {
        runner.registerNegotiation()
        if options.resumes, let folder = options.checkpoints, folder.hasLast {
            state = try folder.loadLast(into: trainer.states)
            state.history.isInterrupted = false
        }
        losses.restore(
            sums: state.lossSums,
            weights: state.weightSums,
            recent: state.recentLosses,
            gradients: state.gradients
        )
        reportCount = try runner.reportCount()
        while state.phase < runner.schedule.phases.count, !state.isFinished {
            let phase = try active ?? begin()
            active = phase
            let isReport = try runToReport(phase)
            if isReport { try report(phase) }
            let isDone = state.phase == runner.schedule.phases.count || state.isFinished
            if isAskedToStop, !isDone {
                state.history.isInterrupted = true
                try save()
                return state.history
            }
        }
        try best.restore(state)
        return state.history
    }

    /// Makes the phase of the state ready.
    private func begin() throws -> ActivePhase {
        let number = state.phase
        if state.phaseStep == 0, state.foundOrder == nil {
            state.foundOrder = try TaskOrderProbe(runner, number).order()
        }
        let phase = try ActivePhase(runner, number, found: state.foundOrder, state.cursors)
        for stream in phase.streams {
            if state.phaseStep == 0 { stream.startFreshEpoch() } else { stream.start() }
        }
        return phase
    }

    /// Runs steps until the next report; false when asked to stop before.
    private func runToReport(_ phase: ActivePhase) throws -> Bool {
        let start = clock.now
        let firstRow = state.rowsInEpoch
        repeat {
            state.rowsInEpoch += try runStep(phase)
            options.onStep(progress(phase))
            isAskedToStop = options.shouldStop()
            // A step a report follows is reported first: resuming goes on behind it.
            if phase.plan.reports(after: state.phaseStep) { break }
            if isAskedToStop { return false }
        } while true
        let seconds = start.duration(to: clock.now).seconds
        state.rowsPerSecond = Double(state.rowsInEpoch - firstRow) / max(seconds, 1e-9)
        return true
    }

    /// Runs one step; the rows of its batch.
    private func runStep(_ phase: ActivePhase) throws -> Int {
        let choice = phase.plan.choice(state.phaseStep, key: phase.key, losses: losses)
        let stream = phase.streams[choice.stream]
        let batch = try stream.next()
        let (session, binding) = try phase.session(choice, bucket: batch.bucket)
        try look(at: batch, choice, phase)
        phase.beginRound(at: state.phaseStep)
        state.step += 1
        let rate =
            (phase.plan.phase.learningRate ?? trainer.optimizer.learningRate)
            * trainer.optimizer.schedule.factor(step: state.step, plateau: state.plateau)
        do {
            try session.run(
                batch,
                binding,
                step: state.step,
                learningRate: rate,
                updates: &state.updates,
                losses: losses
            )
        } catch {
            // The step changed nothing: what is saved is the state before it.
            state.step -= 1
            try save()
            throw error
        }
        state.learningRate = rate
        state.phaseStep += 1
        phase.endRound(at: state.phaseStep)
        let rows = batch.rowCount
        stream.advance()
        return rows
    }

    /// Looks at the gradients of the tasks a step is about to train, in the steps planned for it.
    private func look(
        at batch: BatchBuffer,
        _ choice: StepChoice,
        _ phase: ActivePhase
    ) throws {
        let schedule = ProbeSchedule(
            options.gradientProbes,
            steps: phase.plan.stepsPerReport,
            tasks: phase.plan.taskSets[choice.tasks].count
        )
        guard schedule.includes(state.phaseStep),
            let (probe, binding) = try phase.probe(choice, bucket: batch.bucket)
        else { return }
        var record = state.sharedGradients ?? SharedGradientRecord(trainer.tasks.tasks.map(\.name))
        probe.look(at: batch, binding, step: state.step + 1, &record)
        state.sharedGradients = record
    }

    private func save() throws {
        // Streams that no phase has used since resuming keep the place they had.
        state.cursors.merge(runner.cursors) { _, new in new }
        state.lossSums = losses.sums
        state.weightSums = losses.weights
        state.recentLosses = losses.recent
        state.gradients = losses.gradients
        try options.checkpoints?.saveLast(trainer.states, state)
    }

    private func progress(_ phase: ActivePhase) -> FitProgress {
        FitProgress(
            epoch: state.history.epochs.count,
            epochs: reportCount,
            rows: state.rowsInEpoch,
            rowCount: phase.rowsPerReport(at: state.phaseStep),
            phase: runner.schedule.phases.count > 1 ? state.phase + 1 : nil,
            losses: losses
        )
    }

    private func report(_ phase: ActivePhase) throws {
        var report: MetricReport?
        let observations = try runner.validate(
            batchSize: max(options.batchSize, 1024)
        )
        if !observations.isEmpty {
            report = MetricReport(evaluating: observations, scenarios: options.scenarios)
        }
        let verdict = try best.judge(report, &state)
        let record = EpochRecord(
            epoch: state.history.epochs.count + 1,
            phase: runner.schedule.phases.count > 1 ? state.phase + 1 : nil,
            step: state.step,
            learningRate: state.learningRate,
            rowsPerSecond: state.rowsPerSecond,
            losses: taskLosses(),
            validation: report,
            watched: verdict.watched,
            isBest: verdict.isBest,
            bestTasks: verdict.tasks,
            gradients: losses.gradients,
            sharedGradients: state.sharedGradients
        )
        state.sharedGradients = nil
        state.history.epochs.append(record)
        if let badness = badness(verdict.watched) {
            trainer.optimizer.schedule.observe(badness, &state.plateau)
        }
        trainer.weighLosses(after: state.history.epochs)
        losses.start()
        state.rowsInEpoch = 0
        if state.phaseStep >= phase.plan.stepCount { endPhase() }
        // The checkpoint last: where it cannot be written the epoch is done, and told, again.
        try options.onEpoch(record)
        try save()
    }

    private func taskLosses() -> [EpochRecord.TaskLoss] {
        zip(trainer.lossWeights, losses.means).map { entry, mean in
            EpochRecord.TaskLoss(
                task: entry.task,
                value: mean,
                weight: trainer.weighting.isLearned ? entry.weight : nil
            )
        }
    }

    private func endPhase() {
        state.phase += 1
        state.phaseStep = 0
        state.foundOrder = nil
        active = nil
    }

    /// What a schedule that waits for a plateau watches, lower for better: the watched metric, or where
    /// no number stands for the whole model the losses of the epoch's tasks times their weights.
    private func badness(_ watched: Double?) -> Double? {
        if case .model(let selector) = options.monitor?.rule {
            return watched.map { selector.metric.goal.badness(of: $0) }
        }
        let means = zip(trainer.tasks.tasks, losses.means).compactMap { task, mean in
            mean.map { Double(task.objective.weight) * $0 }
        }
        return means.isEmpty ? nil : means.reduce(0, +)
    }
}
