import ArgumentParser
import Foundation
import Motet

/// `motet explain`.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell where the tasks of a run conflict, and what to try.",
        discussion: """
            Cosines between the tasks' gradients in each shared block, as the training recorded them; what \
            training the tasks together cost, against runs of single tasks; which expert serves which task \
            and scenario; losses and gradients beside each other; calibration; what each feature counts \
            for; and recommendations, each with its figures and the key to change. docs/explain.md tells \
            the rules. explanation.json holds all of it, explanation.md and explanation.html \
            show it.

              motet explain runs/ple
              motet explain runs/ple --against runs/single
            """
    )

    @Argument(help: ArgumentHelp("The run directory.", valueName: "run"))
    var runPath: String

    @Option(
        parsing: .upToNextOption,
        help: "Runs to compare with, such as one of single tasks, on the same rows."
    )
    var against: [String] = []

    @Option(help: "The folder to write. Default: explain in the run directory.")
    var output: String?

    @Option(help: "The most rows that features and experts are looked at on.")
    var rows = 20_000

    @Option(help: "How often each feature is permuted.")
    var repeats = 5

    func validate() throws {
        if rows < 1 {
            throw ValidationError(
                "'--rows' is out of range; expected at least 1; received \(rows)."
            )
        }
        if !(1...1000).contains(repeats) {
            throw ValidationError(
                "'--repeats' is out of range; expected from 1 to 1000; received \(repeats)."
            )
        }
    }

    func run() throws {
        let runner = ExperimentRunner(engine: .oneDNN, observer: ConsoleObserver())
        var request = ExplainRequest(run: runPath)
        request.against = against
        request.output = output
        request.rows = rows
        request.repeats = repeats
        let (explanation, folder) = try runner.explain(request)
        print(explanation.plain(), terminator: "")
        fflush(nil)
        TerminalOutput.standardError.write("\n\(folder.jsonFile)\n\(folder.pageFile)\n")
    }
}
