import ArgumentParser
import Motet

/// `motet predict`.
struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Predict every row of files with a trained run.",
        discussion: """
            The output has one line for each row of the input, in its order: the columns named by \
            `data.keep` in the configuration, then one column for each task. Labels need not be there. \
            Values the training has not seen are taken as unknown, and counted.

              motet predict runs/ple --input new.csv --output predictions.csv
              motet predict runs/ple --input data/*.parquet --output predictions.parquet
            """
    )

    @Argument(help: ArgumentHelp("The run directory.", valueName: "run"))
    var runPath: String

    @Option(parsing: .upToNextOption, help: "The files to predict.")
    var input: [String]

    @Option(help: "The file to write: .csv, .tsv, .parquet, .arrow or .feather.")
    var output: String

    /// The numbers that weights are multiplied by, by their names.
    enum Precision: String, ExpressibleByArgument, CaseIterable {
        case f32, bf16

        var product: ProductPrecision { self == .bf16 ? .bfloat16 : .float32 }
    }

    @Option(help: "The numbers that weights are multiplied by.")
    var precision = Precision.f32

    func run() throws {
        let runner = ExperimentRunner(engine: .oneDNN, observer: ConsoleObserver())
        let result = try runner.predict(
            runPath,
            files: input,
            output: output,
            precision: precision.product
        )
        for note in result.notes { print(note) }
        print(
            "\(result.rowCount) rows with \(result.columns.joined(separator: ", ")) written to "
                + output
        )
    }
}
