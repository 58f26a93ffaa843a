import ArgumentParser
import Foundation
import Motet

/// `motet compare`.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare architectures, weightings and schedules on one data set, over seeds.",
        discussion: """
            CONFIG names an experiment and what varies; docs/compare.md tells how. Every cell is checked \
            before anything runs. Runs are processes of their own and go to the comparison's folder as \
            `motet train` writes them. The same command goes on where one was stopped: by Ctrl-C, by the \
            budget, or by anything else. Differences to single-task training and to searched weights have \
            intervals over rows and seeds.

              motet compare Examples/CensusIncome/compare.yaml --check
              motet compare Examples/CensusIncome/compare.yaml --output runs/census
              motet compare Examples/CensusIncome/compare.yaml --select delta_m
              motet evaluate runs/census_income/best
            """
    )

    /// How the report is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, markdown
    }

    @Argument(help: "A comparison (YAML).")
    var config: String

    @Option(
        help: "The folder to write, or to go on with. Default: runs/<name of the comparison>."
    )
    var output: String?

    @Option(
        help:
            "Pick and keep the best run by delta_m, a metric or task/metric, on validation rows only."
    )
    var select: String?

    @Option(help: "How many runs are at work at a time.")
    var parallel: Int?

    @Flag(help: "Check every cell and tell what would run.")
    var check = false

    @Option(help: "How the report is printed: table, json or markdown.")
    var format: Format = .table

    func validate() throws {
        if let parallel, !(1...1024).contains(parallel) {
            throw ValidationError(
                "'--parallel' is out of range; expected from 1 to 1024; received \(parallel)."
            )
        }
    }

    func run() throws {
        Interruption.watch()
        var request = CompareRequest(configuration: config, output: output)
        request.selection = try select.map { try ComparisonCriterion(parsing: $0) }
        request.parallel = parallel
        let runner = try ComparisonRunner(
            request,
            engine: .oneDNN,
            observer: ConsoleObserver(),
            shouldStop: { Interruption.isRequested }
        )
        guard !check else {
            print(runner.plan(), terminator: "")
            return
        }
        guard let result = try runner.run() else {
            TerminalOutput.standardError.write("stopped and saved. The same command goes on.\n")
            throw ExitStatus.interrupted
        }
        switch format {
        case .json: print(try result.json())
        case .markdown: print(result.markdown(), terminator: "")
        case .table: print(result.plain(), terminator: "")
        }
        if result.runs.contains(where: { $0.state == .failed }) { throw ExitStatus.training }
    }
}
