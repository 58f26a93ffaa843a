import MotetCore
public import MotetData
public import MotetNN
import MotetTraining

/// A finished run, read from its folder and ready to answer.
public struct TrainedRun: Sendable {
    /// The folder.
    public let directory: RunDirectory
    /// What the run was made with.
    public let versions: RunVersions
    /// The experiment.
    public let experiment: Experiment
    /// Schema, vocabularies and statistics.
    public let fitted: FittedSchema
    /// The model.
    public let model: Model
    /// The trained parameters.
    public let parameters: ParameterStore
    /// How probabilities are brought to where they come true.
    let calibration: FittedCalibration

    /// Reads a run.
    ///
    /// - Parameter path: the run directory.
    /// - Throws: `ExperimentError` when this is no run, an unfinished one, or one of a later version;
    ///   `TrainingError` with the code `checkpoint_invalid` when the parameters are damaged.
    public init(_ path: String) throws {
        directory = RunDirectory(path)
        versions = try directory.versions()
        experiment = try directory.experiment()
        guard directory.isFinished else {
            throw ExperimentError(
                .runUnfinished,
                "run \"\(path)\": the training has not come to its end; expected a finished run. "
                    + "Go on with `motet train \(path) --resume`."
            )
        }
        fitted = try directory.fitted()
        calibration = FittedCalibration(
            try directory.calibration(experiment),
            scenarios: fitted.scenarios
        )
        model = try experiment.model(fitted)
        parameters = try ParameterStore(file: directory.parametersFile)
        for parameter in model.parameters
        where parameters[parameter.name]?.shape != parameter.shape {
            throw ExperimentError(
                .runMismatch,
                "run \"\(path)\": parameters and configuration do not belong together: "
                    + "\"\(parameter.name)\" has another shape; expected \(parameter.shape); "
                    + "received \(parameters[parameter.name]?.shape.description ?? "none"). Was "
                    + "configuration.yaml changed?"
            )
        }
    }
}
