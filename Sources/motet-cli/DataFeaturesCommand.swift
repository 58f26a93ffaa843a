import ArgumentParser
import Foundation
import Motet

/// `motet data features`.
struct DataFeaturesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features",
        abstract:
            "Compute online features of rows from logs, as serving would have at their times.",
        discussion: """
            CONFIG says which tables are logs of events, which columns the rows have, and which features there \
            are; docs/serving/features.md has every key with its formula. Each row sees exactly the events \
            before its time. Rows must be in the order of time; the logs need not be. Each table is written \
            into the folder under its own name, with its columns and the features'.

              motet data features features.yaml --rows train.parquet --output data/live
            """
    )

    @Argument(help: "An extraction (YAML).")
    var config: String

    @Option(help: "A table of rows: a file, a folder or a pattern; may be given several times.")
    var rows: [String]

    @Option(help: "The folder to write into.")
    var output: String

    func validate() throws {
        guard !rows.isEmpty else {
            throw ValidationError("'--rows' is missing; expected at least one table of rows.")
        }
    }

    func run() throws {
        let extraction = try FeatureExtraction(contentsOf: URL(fileURLWithPath: config))
        let tables = try FeatureExtraction.outputs(of: rows, in: output)
        let clock = ContinuousClock()
        let start = clock.now
        let report = try extraction.run(tables) { done in
            TerminalOutput.standardError.write("\(done) rows\n")
        }
        let seconds = (clock.now - start) / .seconds(1)
        for (log, counts) in zip(extraction.logs, report.logs) {
            print(
                "\(log.files.joined(separator: ", ")): \(counts.rows) rows, \(counts.skipped) passed over"
            )
        }
        print(
            "\(report.applied) events before the last row, \(report.duplicates) of them twice; "
                + "\(report.keys) keys"
        )
        for (table, count) in zip(tables, report.rows) { print("\(table.to): \(count) rows") }
        let total = report.rows.reduce(0, +)
        print(
            "\(extraction.definitions.features.count) features in \(String(format: "%.1f", seconds)) s, "
                + "\(Int(Double(total) / seconds)) rows/s"
        )
    }
}
