import ArgumentParser
import Motet

/// `motet vectors`.
struct VectorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vectors",
        abstract: "Write the vectors of items or users by a trained two-tower run.",
        discussion: """
            The files need the columns of that side only: a catalogue has no users. The output has one row \
            for each row of the input, in its order: the column that names it, then vector_0, vector_1, \
            ... of length 1. The items with the greatest inner products with a user's vector suit the \
            user best. Values the training has not seen are taken as unknown, and counted.

              motet vectors runs/tower --side item --input a.csv --output items.parquet
              motet vectors runs/tower --side user --input u.csv --output users.parquet
            """
    )

    /// A side of the model.
    enum Side: String, ExpressibleByArgument, CaseIterable {
        case user, item

        var value: TwoTower.Side { self == .user ? .user : .item }
    }

    @Argument(help: ArgumentHelp("The run directory.", valueName: "run"))
    var runPath: String

    @Option(help: "Whose vectors.")
    var side: Side

    @Option(parsing: .upToNextOption, help: "The files to read.")
    var input: [String]

    @Option(help: "The file to write: .csv, .tsv, .parquet, .arrow or .feather.")
    var output: String

    @Option(
        help: """
            The column that names the rows. Default: that of the item's id; of users `data.group`.
            """
    )
    var id: String?

    func run() throws {
        let runner = ExperimentRunner(engine: .oneDNN, observer: ConsoleObserver())
        let result = try runner.vectors(
            VectorsRequest(run: runPath, side: side.value, files: input, output: output, id: id)
        )
        for note in result.notes { print(note) }
        print(
            "\(result.rowCount) vectors of \(result.dimension) numbers written beside "
                + "`\(result.id)` to \(output)"
        )
    }
}
