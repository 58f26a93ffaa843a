import ArgumentParser
import Foundation
import Motet

/// `motet train`.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train an experiment, and measure the result by scenario and task.",
        discussion: """
            The run directory gets the configuration, vocabularies, parameters, history and metrics; \
            docs/cli.md lists its files. Ctrl-C finishes the step, saves, and says how to go on; the \
            resumed run equals an uninterrupted one bit for bit, on as many threads.

              motet train experiments/ple_markets.yaml
              motet train experiments/ple_markets.yaml --output runs/second
              motet train runs/second --resume
              motet train experiments/small_market.yaml --warm-start runs/ple_markets
            """
    )

    @Argument(help: "An experiment (YAML), or a run directory to go on with.")
    var config: String

    @Option(help: "The run directory to write. Default: runs/<name of the experiment>.")
    var output: String?

    @Flag(help: "Go on with a run that was stopped.")
    var resume = false

    @Option(
        help:
            "A run whose parameters are carried over: by name and shape, tables by value of the id."
    )
    var warmStart: String?

    @Option(help: "Replay the kernels recorded in a file, such as the kernels.json of a run.")
    var kernels: String?

    @Flag(
        help:
            "Write event files for TensorBoard into the run's folder tensorboard, epoch by epoch."
    )
    var tensorboard = false

    @Option(help: "How many threads compute.")
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Stop as by Ctrl-C when this process is no longer the parent.",
            visibility: .hidden
        )
    )
    var parent: Int32?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError(
                "'--threads' is out of range; expected from 1 to 1024; received \(threads)."
            )
        }
        if resume, warmStart != nil {
            throw ValidationError(
                "'--warm-start' is for a new run; expected it without '--resume', which goes on from "
                    + "the run's own parameters."
            )
        }
    }

    func run() throws {
        Interruption.watch()
        let parent = parent
        let runner = ExperimentRunner(
            engine: .oneDNN,
            observer: ConsoleObserver(),
            shouldStop: { Interruption.isRequested || (parent.map { $0 != getppid() } ?? false) }
        )
        var request = TrainRequest(configuration: config, output: output)
        request.resumes = resume
        request.warmStart = warmStart
        request.kernels = kernels
        request.threads = threads
        request.writesEvents = tensorboard
        let result = try runner.train(request)
        guard let metrics = result.metrics else {
            let path = result.run.path
            TerminalOutput.standardError.write(
                "stopped and saved. Go on with: motet train \(path) --resume\n"
            )
            throw ExitStatus.interrupted
        }
        print(result.history.table())
        if let (part, report) = metrics.best {
            print("\(part) rows, epoch \(metrics.epochText):\n")
            print(report.table().plain(), terminator: "")
            for remark in report.remarks() { print(remark) }
        }
        print(
            "\n\(metrics.parameters) parameters; training took "
                + "\(NumberText.fixed(metrics.trainingSeconds, digits: 1)) s; the run is "
                + result.run.path
        )
    }
}
