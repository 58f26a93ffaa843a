import ArgumentParser
import Foundation
import Motet

/// `motet data describe`.
struct DataDescribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract:
            "Look at every row of files: types, missing, distinct, quantiles; draft an experiment.",
        discussion: """
            FILES are CSV, Parquet or Arrow files (gzipped CSV too), folders or patterns, all with the same \
            columns. For each column you see its type, what it seems to be for, missing and different \
            values, quantiles and the most frequent values; then what needs care; then a draft of an \
            experiment in YAML, with the reason beside everything guessed. Files may be larger than \
            memory.

              motet data describe data/log.csv
              motet data describe data/log.csv --output experiment.yaml
              motet data describe data/2024/*.parquet --format json
              motet data describe adult.data.gz --read-as csv --missing '?'

            Then name the tasks in the draft, and try it:

              motet data prepare experiment.yaml
              motet train experiment.yaml

            Counts and quantiles are exact up to 262,144 different values of a column (fewer with more \
            than 16 columns); "~" marks what is estimated beyond that. docs/data/your-own.md tells the \
            rest.
            """
    )

    /// How the description is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, markdown
    }

    @Argument(help: "Files, folders or patterns.")
    var files: [String]

    @Option(help: "The file to write the draft of an experiment to (YAML).")
    var output: String?

    @Flag(help: "Replace the file of --output.")
    var force = false

    @Option(help: "How the description is printed: table, json or markdown.")
    var format: Format = .table

    @Option(help: "Look at the first rows only.")
    var sample: Int?

    @Option(help: "The format of files whose names do not tell it: csv, parquet or arrow.")
    var readAs: String?

    @Option(
        help: "The separator of CSV files: one character, or tab. Default: found in the first line."
    )
    var delimiter: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Whether the first line of CSV files holds names. Default: found in the first line."
    )
    var header: Bool?

    @Option(help: "A spelling of missing values in CSV files, such as ?; may be given again.")
    var missing: [String] = []

    func validate() throws {
        guard !files.isEmpty else {
            throw ValidationError("no file is given; expected at least one.")
        }
        if let sample, sample < 1 {
            throw ValidationError(
                "'--sample' is out of range; expected at least 1; received \(sample)."
            )
        }
        if let readAs, TableFormat(rawValue: readAs) == nil {
            throw ValidationError(
                "'--read-as' is not understood; expected csv, parquet or arrow; received \"\(readAs)\"."
            )
        }
        if let delimiter, delimiter != "tab", delimiter.utf8.count != 1 {
            throw ValidationError(
                "'--delimiter' is out of range; expected one ASCII character, or tab; received "
                    + "\"\(delimiter)\"."
            )
        }
    }

    func run() throws {
        if let output, !force, FileManager.default.fileExists(atPath: output) {
            throw TrainingError(
                .cannotWrite,
                "file \"\(output)\": is there already; expected a new name. Give another --output, or "
                    + "--force to replace it."
            )
        }
        var progress = ProgressBar("reading", total: sample)
        let profile = try describe { progress.update(done: $0) }
        if profile.rows > 500_000 { progress.finish() }
        let folder = output.map { ($0 as NSString).deletingLastPathComponent }
        let draft = ExperimentDraft(profile, folder: folder)
        // Before anything is printed: a reader such as `head` may end the program then.
        if let output, let draft { try AtomicFile.write(output, text: draft.yaml) }
        try show(profile, draft)
        guard let output else { return }
        guard let draft else { throw ExperimentDraft.noInput(profile) }
        TerminalOutput.standardError.write(
            "wrote \(output): tasks \(draft.tasks.joined(separator: ", "))\n"
        )
    }

    private func describe(_ progress: (Int) -> Void) throws -> TableProfile {
        do {
            return try TableProfile(of: source, options: options, progress: progress)
        } catch let error as TableError where error.code == .tableFormat {
            // The advice is for experiments; here an option does it.
            throw TableError(
                error.code,
                error.description.replacing(
                    "Set `format` to csv, parquet or arrow.",
                    with: "Say which it is with --read-as csv, parquet or arrow."
                )
            )
        }
    }

    private var source: TableSource {
        var csv = CSVOptions(nullSpellings: missing)
        csv.delimiter = delimiter.flatMap { $0 == "tab" ? "\t" : $0.first }
        if let header { csv.hasHeader = header }
        return TableSource(files, format: readAs.flatMap(TableFormat.init(rawValue:)), csv: csv)
    }

    private var options: ProfileOptions {
        var detects = ProfileOptions.Detection.all
        if header != nil { detects.remove(.header) }
        return ProfileOptions(rows: sample, detects: detects)
    }

    private func show(_ profile: TableProfile, _ draft: ExperimentDraft?) throws {
        let description = TableDescription(profile, draft: draft)
        switch format {
        case .json: print(try description.json())
        case .markdown: print(description.markdown(), terminator: "")
        case .table:
            print(
                description.plain(
                    width: TerminalOutput.standardOutput.width(),
                    withDraft: output == nil
                ),
                terminator: ""
            )
        }
    }
}
