import ArgumentParser
import Motet

/// `motet data`.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Get data sets, look at files, prepare the data of an experiment.",
        discussion: """
              motet data list
              motet data fetch complete_journey --output data/complete_journey
              motet data describe my_log.csv --output experiment.yaml
              motet data features features.yaml --rows train.parquet --output data/live
              motet data together log.csv --basket order --item sku --output pairs.csv
              motet data panel log.csv --config panel.yaml --output data/panel
              motet data prepare experiment.yaml
            """,
        subcommands: [
            DataListCommand.self, DataFetchCommand.self, DataDescribeCommand.self,
            DataFeaturesCommand.self, DataTogetherCommand.self, DataPanelCommand.self,
            DataPrepareCommand.self,
        ]
    )
}

/// `motet data list`.
struct DataListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the data sets there are recipes for: origin, licence, size, tasks."
    )

    func run() {
        for recipe in DatasetRecipes.all {
            let card = recipe.card
            print("\(card.name): \(card.title)")
            print("  size       \(card.size)")
            print("  tasks      \(card.tasks.joined(separator: ", "))")
            print("  scenarios  \(card.scenarios)")
            print("  origin     \(card.origin.title)")
            print("  licence    \(card.licence.title)")
            print("  page       \(card.page)")
            if let notice = card.notice { print("  note       \(notice)") }
            print("")
        }
        print("Fetch one with: motet data fetch <name> --output data/<name>")
    }
}

/// `motet data fetch`.
struct DataFetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch a data set and prepare it: Parquet files and an experiment to start from.",
        discussion: """
            Files that were fetched before are not fetched again, and a transfer that was cut off is \
            resumed. With --from, files that are already there are used.

              motet data fetch complete_journey --output data/complete_journey
              motet data fetch xmarket --from downloads --output data/xmarket
              motet train data/xmarket/experiment.yaml
            """
    )

    @Argument(help: "The data set; `motet data list` shows them.")
    var name: String

    @Option(help: "The folder to write into. Default: data/<name>.")
    var output: String?

    @Option(help: "A folder that holds the original files, its own or one that holds it by name.")
    var from: String?

    @Option(help: "The most rows to write, for data sets that are sampled.")
    var rows: Int?

    @Option(help: "The seed of splits and samples.")
    var seed: UInt64 = DatasetOptions.standard.seed

    func validate() throws {
        if let rows, rows < 1 {
            throw ValidationError(
                "'--rows' is out of range; expected at least 1; received \(rows)."
            )
        }
    }

    func run() throws {
        let recipe = try DatasetRecipes.named(name)
        let folder = output ?? "data/\(recipe.card.name)"
        let options = DatasetOptions(maximumRows: rows, seed: seed)
        let progress = DatasetProgress()
        let report =
            if let from {
                try recipe.prepare(
                    from: from,
                    to: folder,
                    options: options,
                    progress: progress.show
                )
            } else {
                try recipe.fetchAndPrepare(to: folder, options: options, progress: progress.show)
            }
        progress.finish()
        for line in report.lines() { print(line) }
    }
}

/// `motet data prepare`.
struct DataPrepareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Prepare the files of an experiment, and report every change.",
        discussion: """
            Vocabularies and statistics are learnt from the training rows only. The result is kept in the \
            experiment's cache, where training finds it.

              motet data prepare experiments/ple_markets.yaml
            """
    )

    @Argument(help: "An experiment (YAML) or a run directory.")
    var config: String

    func run() throws {
        let runner = ExperimentRunner(engine: .oneDNN, observer: ConsoleObserver())
        let (experiment, _) = try ExperimentRunner.experiment(at: config)
        let splits = try runner.prepare(experiment)
        if splits.cameFromCache { print(splits.report, terminator: "") }
        for feature in splits.fitted.schema.features {
            if let size = splits.fitted.vocabularySize(for: feature.name) {
                print("\(feature.name): \(size) ids")
            }
        }
        print("prepared data: \(splits.folder)")
    }
}
