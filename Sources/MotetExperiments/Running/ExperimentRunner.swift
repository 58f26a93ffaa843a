import Foundation
import MotetConfiguration
import MotetCore
public import MotetData
import MotetMetrics
import MotetNN
import MotetTraining

/// Runs experiments: prepares data, trains, measures, predicts.
///
/// The command line and tests enter here.
public final class ExperimentRunner {
    let engine: ExperimentEngine
    let observer: any ExperimentObserver
    let shouldStop: () -> Bool

    /// Creates a runner.
    ///
    /// - Parameters:
    ///   - engine: what computes.
    ///   - observer: told of what happens.
    ///   - shouldStop: asked after every step of training; true ends it with a checkpoint.
    public init(
        engine: ExperimentEngine,
        observer: any ExperimentObserver = SilentObserver(),
        shouldStop: @escaping () -> Bool = { false }
    ) {
        self.engine = engine
        self.observer = observer
        self.shouldStop = shouldStop
    }

    /// Reads an experiment from a YAML file or from a run directory.
    ///
    /// - Parameter path: the file or the folder.
    /// - Returns: the experiment, and the run directory if it is one.
    /// - Throws: `ConfigurationError` or `ExperimentError`.
    public static func experiment(
        at path: String
    ) throws -> (experiment: Experiment, run: RunDirectory?) {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
        {
            let run = RunDirectory(path)
            _ = try run.versions()
            return (try run.experiment(), run)
        }
        return (try Experiment(contentsOf: URL(fileURLWithPath: path)), nil)
    }

    /// Prepares an experiment's files, or finds them prepared, and tells what was done.
    ///
    /// - Parameter experiment: the experiment.
    /// - Returns: the prepared parts.
    /// - Throws: `SchemaError`, `TableError` or `PreparationError`.
    public func prepare(_ experiment: Experiment) throws -> PreparedSplits {
        let splits = try experiment.prepare { [observer] in observer.preparing($0) }
        tell(splits)
        return splits
    }

    /// A trainer of an experiment's model, for training or for measuring.
    func trainer(
        _ experiment: Experiment,
        _ fitted: FittedSchema,
        _ session: ExperimentEngine.Session
    ) throws -> Trainer {
        try Trainer(
            try experiment.model(fitted),
            optimizer: experiment.training.optimizer.optimizer,
            tasks: experiment.namedTasks,
            weighting: experiment.training.weighting.weighting,
            aggregation: experiment.training.aggregation?.aggregation,
            seed: experiment.seed,
            usesSampleWeight: experiment.data.sampleWeight != nil,
            backend: session.backend
        )
    }

    /// Checks that an experiment's model can be trained as it says, before anything is.
    static func check(_ experiment: Experiment, _ model: Model) throws {
        try Trainer.check(
            model,
            optimizer: experiment.training.optimizer.optimizer,
            tasks: experiment.namedTasks,
            weighting: experiment.training.weighting.weighting,
            aggregation: experiment.training.aggregation?.aggregation,
            schedule: experiment.training.schedule.schedule,
            usesSampleWeight: experiment.data.sampleWeight != nil
        )
    }

    /// How to find intervals, or nil where none are wanted.
    static func bootstrap(_ experiment: Experiment) -> Bootstrap? {
        guard experiment.evaluation.resamples > 0 else { return nil }
        return Bootstrap(
            resamples: experiment.evaluation.resamples,
            unit: experiment.evaluation.unit,
            key: RandomKey(seed: experiment.seed).split("bootstrap")
        )
    }
}
