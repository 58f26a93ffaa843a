import MotetCore
import MotetData
import MotetMetrics
import MotetNN
import MotetOptimizers

/// One call of `fit`: the loop over epochs and steps.
final class Fitting {
    private let trainer: Trainer
    private let session: TrainingSession
    private let loader: BatchLoader
    private let options: FitOptions
    private var state = FitState()
    private var best: ParameterStore?

    init(
        _ trainer: Trainer,
        _ session: TrainingSession,
        _ loader: BatchLoader,
        _ options: FitOptions
    ) {
        self.trainer = trainer
        self.session = session
        self.loader = loader
        self.options = options
    }

    func run() throws -> History {
        if options.resumes, let folder = options.checkpoints, folder.hasLast {
            state = try folder.loadLast(into: trainer.states)
            state.history.isInterrupted = false
        }
        while state.epoch < options.epochs, !state.isFinished {
            guard try runEpoch() else {
                state.history.isInterrupted = true
                try options.checkpoints?.saveLast(trainer.states, state)
                return state.history
            }
            try endEpoch()
        }
        try restoreBest()
        return state.history
    }

    /// Goes through the rows once; false when asked to stop.
    private func runEpoch() throws -> Bool {
        session.startEpoch(lossSums: state.lossSums, weightSums: state.weightSums)
        loader.start(epoch: state.epoch, step: state.stepInEpoch)
        let clock = ContinuousClock()
        let start = clock.now
        let firstRow = state.rowsInEpoch
        while let batch = try loader.next() {
            state.step += 1
            let rate =
                trainer.optimizer.learningRate
                * trainer.optimizer.schedule.factor(step: state.step, plateau: state.plateau)
            do {
                try session.run(batch, step: state.step, learningRate: rate)
            } catch {
                // The step changed nothing: what is saved is the state before it.
                state.step -= 1
                keepSums()
                try options.checkpoints?.saveLast(trainer.states, state)
                throw error
            }
            state.stepInEpoch += 1
            state.rowsInEpoch += batch.rowCount
            state.learningRate = rate
            report()
            if options.shouldStop() {
                keepSums()
                return false
            }
        }
        let seconds = start.duration(to: clock.now).seconds
        state.rowsPerSecond = Double(state.rowsInEpoch - firstRow) / max(seconds, 1e-9)
        return true
    }

    private func keepSums() {
        state.lossSums = session.lossSums
        state.weightSums = session.weightSums
    }

    private func report() {
        options.onStep(
            FitProgress(
                epoch: state.epoch,
                epochs: options.epochs,
                rows: state.rowsInEpoch,
                rowCount: loader.rowCount,
                session: session
            )
        )
    }

    private func endEpoch() throws {
        var report: MetricReport?
        var watched: Double?
        if let validation = options.validation {
            let observations = try trainer.evaluate(
                validation,
                batchSize: max(options.batchSize, 1024)
            )
            let made = MetricReport(evaluating: observations, scenarios: options.scenarios)
            report = made
            watched = options.monitor.flatMap { made.value($0.selector).value }
        }
        let isBest = judge(watched)
        let record = EpochRecord(
            epoch: state.epoch + 1,
            step: state.step,
            learningRate: state.learningRate,
            rowsPerSecond: state.rowsPerSecond,
            losses: zip(trainer.tasks.tasks, session.losses).map {
                EpochRecord.TaskLoss(task: $0.name, value: $1)
            },
            validation: report,
            watched: watched,
            isBest: isBest
        )
        state.history.epochs.append(record)
        if let watched, let goal = options.monitor?.selector.metric.goal {
            trainer.optimizer.schedule.observe(goal.badness(of: watched), &state.plateau)
        }
        state.startNextEpoch()
        if isBest { try keepBest() }
        // The checkpoint last: where it cannot be written the epoch is done, and told, again.
        try options.onEpoch(record)
        try options.checkpoints?.saveLast(trainer.states, state)
    }

    /// Whether the epoch is the best so far; counts epochs that are not.
    private func judge(_ watched: Double?) -> Bool {
        guard let monitor = options.monitor, let watched else { return options.monitor == nil }
        if monitor.selector.metric.goal.isBetter(watched, than: state.best) {
            state.best = watched
            state.epochsWithoutBest = 0
            return true
        }
        state.epochsWithoutBest += 1
        if let patience = monitor.patience, state.epochsWithoutBest > patience {
            state.isFinished = true
        }
        return false
    }

    private func keepBest() throws {
        guard options.monitor != nil else { return }
        if let folder = options.checkpoints {
            try folder.saveBest(trainer.states, trainer.model.parameters.map(\.name))
        } else {
            best = trainer.parameters
        }
    }

    private func restoreBest() throws {
        guard options.monitor != nil, state.best != nil else { return }
        if let folder = options.checkpoints {
            try folder.loadBest(into: trainer.states)
        } else if let best {
            trainer.parameters = best
        }
    }
}

/// What a fit must remember to go on exactly where it was.
struct FitState: Codable {
    var epoch = 0
    var step = 0
    var stepInEpoch = 0
    var rowsInEpoch = 0
    var learningRate: Float = 0
    var rowsPerSecond = 0.0
    var lossSums: [Double]?
    var weightSums: [Double]?
    var plateau = PlateauState()
    var best: Double?
    var epochsWithoutBest = 0
    var isFinished = false
    var history = History()

    mutating func startNextEpoch() {
        epoch += 1
        stepInEpoch = 0
        rowsInEpoch = 0
        lossSums = nil
        weightSums = nil
    }
}
