import ArgumentParser
import Foundation
import Motet

/// `motet evaluate`.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure a trained run by scenario and task, or compare it with others.",
        discussion: """
            Without --data the rows set apart for the test are used, or else those for validation. \
            Intervals come from a bootstrap over the rows (`evaluation` in the configuration); in a \
            comparison both models see the same resampled rows.

              motet evaluate runs/ple --by scenario,task
              motet evaluate runs/ple --data data/august.parquet --format json
              motet evaluate runs/ple --against runs/single --format markdown
            """
    )

    /// How a report is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, markdown
    }

    @Argument(help: ArgumentHelp("The run directory.", valueName: "run"))
    var runPath: String

    @Option(parsing: .upToNextOption, help: "Files with labels to measure on.")
    var data: [String] = []

    @Option(help: "What rows of the report stand for: scenario, task or scenario,task.")
    var by = "scenario,task"

    @Option(help: "How the report is printed: table, json or markdown.")
    var format: Format = .table

    @Option(parsing: .upToNextOption, help: "Runs to compare with, on the same rows.")
    var against: [String] = []

    func validate() throws { _ = try grouping() }

    func run() throws {
        let runner = ExperimentRunner(engine: .oneDNN, observer: ConsoleObserver())
        guard against.isEmpty else { return try compare(runner) }
        let result = try runner.evaluate(runPath, files: data)
        let report = result.report.grouped(by: try grouping())
        if let preparation = result.preparation {
            TerminalOutput.standardError.write("\(preparation)")
        }
        switch format {
        case .json: try printJSON(report)
        case .markdown: print(report.table().markdown(), terminator: "")
        case .table:
            print("\(result.rowCount) rows: \(result.rows)\n")
            print(report.table().plain(), terminator: "")
            for remark in report.remarks() { print(remark) }
        }
    }

    /// One line a run: architecture, parameters, time.
    private func describe(_ paths: [String]) throws {
        guard format != .json else { return }
        var table = TextTable(
            ["run", "architecture", "parameters", "best epoch", "training"],
            alignments: [.left, .left]
        )
        for path in paths {
            let run = RunDirectory(path)
            let metrics = try run.metrics()
            table.addRow([
                Self.name(path), try run.experiment().model.architecture.name,
                "\(metrics.parameters)", metrics.epochText,
                "\(NumberText.fixed(metrics.trainingSeconds, digits: 1)) s",
            ])
        }
        print(format == .markdown ? table.markdown() : table.plain())
    }

    private func compare(_ runner: ExperimentRunner) throws {
        try describe([runPath] + against)
        for other in against {
            let comparison = try runner.compare(runPath, with: other, files: data)
            let names = (Self.name(runPath), Self.name(other))
            let table = comparison.table(first: names.0, second: names.1)
            switch format {
            case .json: try printJSON(comparison)
            case .markdown: print(table.markdown())
            case .table: print(table.plain())
            }
        }
    }

    private static func name(_ path: String) -> String {
        URL(fileURLWithPath: path).lastPathComponent
    }

    private func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    private func grouping() throws -> ReportGrouping {
        var grouping: ReportGrouping = []
        for word in by.split(separator: ",") {
            switch word.trimmingCharacters(in: .whitespaces) {
            case "scenario": grouping.insert(.scenario)
            case "task": grouping.insert(.task)
            default:
                throw ValidationError(
                    "'--by' is not understood; expected scenario, task or scenario,task; received "
                        + "\"\(by)\"."
                )
            }
        }
        return grouping
    }
}
