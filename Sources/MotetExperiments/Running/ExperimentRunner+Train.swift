import Foundation
import MotetConfiguration
import MotetData
import MotetRecommenders
import MotetReports
public import MotetTraining

/// What to train, and where the run goes.
public struct TrainRequest: Hashable, Sendable {
    /// The YAML file, or a run directory to go on with.
    public var configuration: String
    /// The run directory; nil for `runs/<name>`, or for the run that is named as configuration.
    public var output: String?
    /// Whether to go on with the run that is there.
    public var resumes = false
    /// A run whose parameters are carried over first.
    public var warmStart: String?
    /// A file of kernels to replay.
    public var kernels: String?
    /// How many threads compute; nil for the configuration's or the machine's number.
    public var threads: Int?
    /// Whether event files for TensorBoard are written; a run that is gone on with goes on with its own.
    public var writesEvents = false

    /// Creates a request.
    public init(configuration: String, output: String? = nil) {
        self.configuration = configuration
        self.output = output
    }
}

/// How a training ended.
public struct TrainResult: Sendable {
    /// The run directory.
    public let run: RunDirectory
    /// The epochs.
    public let history: History
    /// What was measured; nil when the training was asked to stop before its end.
    public let metrics: RunMetrics?
    /// What was carried over from another run.
    public let warmStart: WarmStartReport?
}

extension ExperimentRunner {
    /// Trains an experiment and measures the result.
    ///
    /// A mistake in the configuration or the data leaves nothing behind. A training that fails later,
    /// or is asked to stop, leaves its last good checkpoint.
    ///
    /// - Parameter request: what to train, and where the run goes.
    /// - Returns: how it ended.
    /// - Throws: the first mistake as a `ReportableError`.
    public func train(_ request: TrainRequest) throws -> TrainResult {
        let (experiment, source) = try Self.experiment(at: request.configuration)
        let run = RunDirectory(request.output ?? source?.path ?? "runs/\(experiment.name)")
        let old = request.resumes ? try resumable(run, experiment) : nil
        if old == nil { try run.checkIsFree() }
        // Before the data are read, which may take long.
        let kernels = try recordedKernels(request, resumed: old == nil ? nil : run)
        let warmPath = Self.warmStart(request, resumed: old, run)
        var warmSource: TrainedRun?
        if let warmPath { warmSource = try TrainedRun(warmPath) }
        if let threads = request.threads ?? old?.threads ?? experiment.training.threads {
            engine.useThreads(threads)
        }
        let data = try prepareAll(experiment)
        try checkCalibration(experiment, data)
        if let old { try checkSameData(run, data, old) }
        let session = try engine.start(kernels, experiment.training.kernels == .measured)
        let trainer = try trainer(experiment, data.fitted, session)
        let warmStart = warmSource.map { carryOver($0, to: trainer, data.fitted) }
        if old == nil {
            var versions = RunVersions(engine: engine, seed: experiment.seed)
            versions.sources = data.contentOfTaskFiles
            versions.warmStart = warmPath.map {
                DataSettings.absolute($0, in: FileManager.default.currentDirectoryPath)
            }
            do {
                try run.begin(experiment, data.fitted, trainer.model, versions, warmStart)
            } catch {
                run.discardUntrained()
                throw error
            }
        }
        // A checkpoint holds them too.
        if old == nil || !run.checkpoints.hasLast {
            try SamplingShares.fill(trainer, experiment, data)
        }
        observer.note(
            "training \(experiment.model.architecture.name) with \(engine.name), "
                + "\(engine.threads()) threads; the run is \(run.path)"
        )
        let events = try run.events(request.writesEvents || experiment.training.writesEvents)
        let history = try fit(
            trainer,
            experiment,
            data,
            run,
            session,
            events,
            isResumed: old != nil
        )
        guard !history.isInterrupted else {
            return TrainResult(run: run, history: history, metrics: nil, warmStart: warmStart)
        }
        let validation = try data.observations(trainer, .validation)
        let learnt = try calibration(experiment, data, validation)
        if let learnt { try run.write(learnt, to: run.calibrationFile) }
        let metrics = try measure(trainer, experiment, data, history, validation, learnt)
        try run.write(metrics, to: run.metricsFile)
        let fitted = FittedCalibration(learnt, scenarios: data.fitted.scenarios)
        if let reference = try scoreReference(trainer, experiment, data, fitted) {
            try run.write(reference, to: run.scoreReferenceFile)
        }
        if let rows = data.main[.training], rows.rowCount > 0 {
            let reference = try FeatureReference(
                rows,
                data.fitted,
                part: DataPart.training.rawValue
            )
            try run.write(reference, to: run.featureReferenceFile)
        }
        try run.write(session.kernels(), to: run.kernelsFile)
        let page = RunPage(
            experiment: experiment,
            versions: try run.versions(),
            metrics: metrics,
            epochs: history.epochs,
            rows: DataPart.allCases.map { (part: $0.rawValue, count: data.rowCount($0)) }
                .filter { $0.count > 0 }
        )
        try AtomicFile.write(run.reportFile, text: page.html())
        if let file = request.kernels { tellMeasured(session.kernels(), besides: kernels, file) }
        try trainer.writeParameters(to: run.parametersFile)
        return TrainResult(run: run, history: history, metrics: metrics, warmStart: warmStart)
    }

    /// The run whose parameters are carried over; for a run that is gone on with only where no
    /// checkpoint holds them yet.
    private static func warmStart(
        _ request: TrainRequest,
        resumed old: RunVersions?,
        _ run: RunDirectory
    ) -> String? {
        if let old { return run.checkpoints.hasLast ? nil : old.warmStart }
        return request.warmStart
    }

    /// The kernels to replay: those of the run that is gone on with, and those of the file asked for.
    private func recordedKernels(
        _ request: TrainRequest,
        resumed run: RunDirectory?
    ) throws -> [String: String] {
        var recorded = try run?.recordedKernels() ?? [:]
        if let file = request.kernels {
            recorded.merge(try RunDirectory.kernels(file: file)) { known, _ in known }
        }
        return recorded
    }

    /// Tells of kernels that had to be measured although others were to be replayed.
    private func tellMeasured(
        _ used: [String: String],
        besides recorded: [String: String],
        _ file: String
    ) {
        let measured = used.keys.filter { recorded[$0] == nil }.count
        guard measured > 0 else { return }
        observer.note(
            "kernels \"\(file)\": \(measured) matrix products are not among them and were measured, "
                + "so results may differ in their last bits. Kernels belong to shapes and a number of "
                + "threads."
        )
    }

    private func carryOver(
        _ source: TrainedRun,
        to trainer: Trainer,
        _ fitted: FittedSchema
    ) -> WarmStartReport {
        let maps = WarmStart(source: source, fitted: fitted).rowMaps(trainer.model)
        let report = trainer.warmStart(from: source.parameters, rowMaps: maps)
        observer.note(report.table())
        return report
    }

    private func fit(
        _ trainer: Trainer,
        _ experiment: Experiment,
        _ data: ExperimentData,
        _ run: RunDirectory,
        _ session: ExperimentEngine.Session,
        _ events: EventFolder?,
        isResumed: Bool
    ) throws -> History {
        var options = FitOptions(epochs: 1, batchSize: experiment.training.batchSize)
        options.schedule = experiment.training.schedule.schedule
        options.monitor = experiment.training.earlyStopping?.rule(experiment.tasks)
        options.checkpoints = run.checkpoints
        options.resumes = isResumed
        options.scenarios = data.fitted.scenarios
        options.gradientProbes = experiment.training.diagnostics.gradients
        var hasStepped = false
        var writingError: (any Error)?
        // Known once a program is compiled, that of training in the first step and that of validation at
        // the end of the first epoch; a resumed run replays them.
        func recordKernels() throws { try run.write(session.kernels(), to: run.kernelsFile) }
        options.onStep = { [observer] progress in
            if !hasStepped {
                hasStepped = true
                do { try recordKernels() } catch { writingError = error }
            }
            observer.stepped(progress)
        }
        options.onEpoch = { [observer] record in
            try recordKernels()
            try run.add(record)
            if let events { try run.add(record, to: events) }
            observer.epochEnded(record)
        }
        options.shouldStop = { [shouldStop] in shouldStop() || writingError != nil }
        do {
            let history = try trainer.fit(data.training, options: options)
            if let writingError { throw writingError }
            return history
        } catch {
            if !isResumed { run.discardUntrained() }
            throw error
        }
    }
}
