import ArgumentParser
import Motet

/// `motet inspect`.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show a model: layers, shapes, parameters, FLOPs a row, memory of tables.",
        discussion: """
            For an experiment that has not run, the data are prepared first (and kept in the cache), as \
            the sizes of tables come from the vocabularies.

              motet inspect runs/ple
              motet inspect experiments/ple_markets.yaml
            """
    )

    @Argument(help: "A run directory or an experiment (YAML).")
    var path: String

    func run() throws {
        let runner = ExperimentRunner(engine: .oneDNN, observer: ConsoleObserver())
        let (experiment, run) = try ExperimentRunner.experiment(at: path)
        let fitted = try run?.fitted() ?? runner.prepare(experiment).fitted
        let model = try experiment.model(fitted)
        print(
            "\(experiment.name): \(experiment.model.architecture.name), tasks "
                + experiment.tasks.map(\.name).joined(separator: ", ")
                + (fitted.scenarios.isEmpty
                    ? "" : ", scenarios " + fitted.scenarios.joined(separator: ", "))
        )
        if let run {
            let versions = try run.versions()
            print(
                "made by motet \(versions.motet) with \(versions.engine), \(versions.threads) "
                    + "threads, seed \(versions.seed)"
                    + (run.isFinished ? "" : "; the training has not come to its end")
            )
        }
        print("\n" + model.summary())
    }
}
