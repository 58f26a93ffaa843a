import ExampleSupport
import Foundation
import Motet

/// Trains the cells of a comparison on simulated shops, a shop for each seed, and holds them against the truth.
struct SimulatedShops {
    /// Where rows and runs go: `<folder>/seed-<n>`.
    let folder: String
    /// The files of the example.
    var example = "Examples/Shop"
    /// The rows of a shop; nil for what the example's simulation says.
    var rows: Int?
    /// The cells that are trained; nil for all.
    var cells: Set<String>?

    static let tasks = ["click", "cart", "pay", "returned", "fraud", "units"]
    static let separate = "single_task"
    static let apart = "per_scenario"

    private func comparison() throws -> Comparison {
        try Comparison(contentsOf: URL(fileURLWithPath: "\(example)/simulated-compare.yaml"))
    }

    /// The shop of a seed.
    func settings(_ seed: UInt64) throws -> SimulationSettings {
        let file = URL(fileURLWithPath: "\(example)/simulation.yaml")
        return try SimulationSettings(contentsOf: file) { settings in
            settings.seed = 600 + seed
            if let rows {
                settings.users = max(1_000, settings.users * rows / settings.rows)
                settings.rows = rows
            }
        }
    }

    /// What is compared with what: models of all tasks with one for each, and of all places with one for each.
    func pairs() throws -> [(model: String, other: String)] {
        let names = try comparison().cells.map(\.name)
            .filter { $0 != Self.separate && $0 != Self.apart }
        return names.map { ($0, Self.separate) } + [("shared_bottom", Self.apart)]
    }

    /// A table of the differences, with its title.
    func plain(_ table: SharingTable, _ model: String, against other: String) -> String {
        let names = ((try? settings(0))?.scenarios ?? []) + [ShopLog.catalogue]
        let lines = table.plain(
            model,
            against: other,
            tasks: Self.tasks,
            scenarios: [ShopTruth.Measure.allRows] + names
        )
        return "\(model) against \(other):\n\n\(lines)"
    }

    /// Simulates, trains and measures.
    ///
    /// - Parameters:
    ///   - seeds: the seeds, each of a shop and of the models of it.
    ///   - tell: told of every model that is trained.
    /// - Returns: how far each cell is from the truth.
    /// - Throws: where something cannot be simulated, trained or written.
    func measure(seeds: [UInt64], tell: (String) -> Void = { _ in }) throws -> SharingTable {
        var table = SharingTable()
        let chosen = try comparison().cells.filter { cells?.contains($0.name) ?? true }
        for seed in seeds {
            // A run says where its rows are, from wherever it is looked at.
            let place = URL(fileURLWithPath: "\(folder)/seed-\(seed)").path
            let log = try ShopLog(settings(seed))
            try log.write(to: place)
            for cell in chosen {
                let run = "\(place)/runs/\(cell.name)"
                let seconds = try ExampleProgram.seconds {
                    try train(cell.experiment, in: place, seed: seed, output: run)
                }
                let trained = try TrainedRun(run)
                let answers = try ShopAnswers(of: trained, ShopRows(trained.experiment))
                table.add(cell.name, seed: seed, try log.truth.measure(answers))
                tell(
                    "shop \(seed), \(cell.name): \(answers.parameters) parameters, "
                        + "\(NumberText.fixed(seconds, digits: 0)) seconds"
                )
            }
        }
        return table
    }

    /// Trains a cell's experiment on the rows of a shop; a run of an earlier time is replaced.
    private func train(
        _ cell: Experiment,
        in place: String,
        seed: UInt64,
        output: String
    ) throws {
        var experiment = cell
        experiment.seed = seed
        experiment.data.train = ["\(place)/train.parquet"]
        experiment.data.validation = ["\(place)/validation.parquet"]
        experiment.data.test = ["\(place)/test.parquet"]
        experiment.data.cache = "\(place)/.motet-cache"
        experiment.evaluation.resamples = 0
        try? FileManager.default.removeItem(atPath: output)
        try FileManager.default.createDirectory(
            atPath: (output as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        let file = output + ".yaml"
        try ConfigurationWriter.yaml(experiment.node)
            .write(toFile: file, atomically: true, encoding: .utf8)
        _ = try ExperimentRunner(engine: .oneDNN)
            .train(TrainRequest(configuration: file, output: output))
    }
}
