import Foundation
import MotetCore
import MotetData
import MotetExperiments
import Synchronization

/// A run that answers requests: frozen, with its vocabularies numbered.
final class ServedModel: Sendable {
    /// What is predicted of an item.
    enum Score: Hashable, Sendable {
        /// A probability or a number.
        case number(Float)
        /// The most likely class and its probability.
        case choice(String, Float)
    }

    /// The folder the run was read from, links resolved.
    let path: String
    /// The name of the run and a hash of its parameters.
    let version: String
    /// The names of the tasks, in order.
    let tasks: [String]
    /// The classes of tasks that have some.
    let classes: [String: [String]]
    let predictor: RunPredictor
    let encoder: RowEncoder
    /// How its scores are counted, and what they are held against.
    let layout: ScoreLayout
    /// The shop's items; nil without a table of them.
    let items: ServedItems?
    /// Whether every item is computed whole.
    private let isExact: Bool
    /// What it recommends; nil without a catalogue.
    let catalogue: ModelCatalogue?
    /// Which values of requests must be known; nil where any may come.
    let knownValues: KnownValues?
    private let table = Mutex<ForecastTable?>(nil)
    /// The lists of columns that were asked for.
    private let lists = Mutex<[[String]]>([])

    /// What it forecasts, made once when it is warm; nil without a history.
    var forecasts: ForecastTable? {
        get { table.withLock { $0 } }
        set { table.withLock { $0 = newValue } }
    }

    /// What of a run a catalogue is brought into the form of.
    struct Parts {
        let path: String
        let predictor: RunPredictor
        let encoder: RowEncoder

        /// The tasks that have one number, in order.
        var numberTasks: [String] {
            predictor.tasks.filter { predictor.classes[$0] == nil }
        }
    }

    /// Reads a run.
    ///
    /// - Parameters:
    ///   - path: the run directory, or a link to one.
    ///   - engine: what runs it.
    ///   - workers: how many requests are computed at once.
    ///   - precision: the numbers that weights are multiplied by.
    ///   - isExact: whether every item is computed whole, as in `motet predict`.
    ///   - items: the shop's table of items; nil without one.
    ///   - known: the columns whose values must be known.
    ///   - catalogue: reads what the run recommends; nil where it recommends nothing.
    /// - Throws: the first mistake as a `ReportableError`.
    init(
        _ path: String,
        engine: ExperimentEngine,
        workers: Int,
        precision: ProductPrecision = .float32,
        isExact: Bool = false,
        items: ServingSettings.ItemFiles? = nil,
        known: [ServingSettings.Recommend.Named] = [],
        catalogue: ((Parts) throws -> ModelCatalogue)? = nil
    ) throws {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        self.path = resolved
        let run = try TrainedRun(resolved)
        self.isExact = isExact
        predictor = try RunPredictor(
            run,
            engine: engine,
            precision: precision,
            idleWorkspaces: 32 * workers
        )
        let encoder = try RowEncoder(run.fitted)
        self.encoder = encoder
        let table = try items.map { [predictor] in
            try ServedItems($0, predictor, encoder, isExact: isExact)
        }
        self.items = table
        tasks = predictor.tasks
        classes = predictor.classes
        version = try Self.version(run)
        layout = ScoreLayout(
            version: version,
            tasks: tasks,
            run.fitted,
            encoder,
            try run.directory.scoreReference(),
            features: try run.directory.featureReference()
        )
        let parts = Parts(path: resolved, predictor: predictor, encoder: encoder)
        let recommended = try catalogue?(parts)
        self.catalogue = recommended
        knownValues = try KnownValues(known, parts, table, recommended)
    }

    /// Some of the columns that the run reads, in their order; the same list as of a request before.
    func columns(where isWanted: (String) -> Bool) -> [String] {
        let known = lists.withLock { $0 }
        for list in known {
            var rest = list[...]
            let fits = encoder.columns.allSatisfy { column in
                guard isWanted(column) else { return true }
                return rest.popFirst() == column
            }
            if fits, rest.isEmpty { return list }
        }
        let list = encoder.columns.filter(isWanted)
        lists.withLock { if $0.count < Self.mostLists { $0.append(list) } }
        return list
    }

    /// More lists than these are each made when they are asked for.
    private static let mostLists = 32

    /// Encodes rows as the training rows were; what holds for all of them once.
    ///
    /// - Parameters:
    ///   - rows: the rows, at least one.
    ///   - items: their rows in the table of items, for columns that `rows` does not have.
    ///   - isWhole: whether every row is computed whole: rows of several requests have nothing in common.
    ///   - place: how a row is called in error sentences.
    /// - Returns: the rows, for `scores`.
    /// - Throws: `PreparationError` for a value that cannot be encoded.
    func batch(
        _ rows: RawRows,
        items: ItemRows? = nil,
        isWhole: Bool = false,
        place: @escaping (Int) -> String
    ) throws -> RequestBatch {
        try predictor.batch(rows, items: items, isExact: isExact || isWhole, encoder, place: place)
    }

    /// Encodes the rows of a request whose columns stand wherever `column` finds them.
    ///
    /// - Parameters:
    ///   - count: the number of rows.
    ///   - column: the columns of the request.
    ///   - items: their rows in the table of items, for columns that there are not.
    ///   - isWhole: whether every row is computed whole: rows of several requests have nothing in common.
    ///   - place: how a row is called in error sentences.
    /// - Returns: the rows, for `scores`.
    /// - Throws: `PreparationError` for a value that cannot be encoded.
    func batch(
        _ count: Int,
        _ column: (String) -> RawRows.Column?,
        items: ItemRows?,
        isWhole: Bool = false,
        place: @escaping (Int) -> String
    ) throws -> RequestBatch {
        try predictor.batch(
            count,
            column,
            items: items,
            isExact: isExact || isWhole,
            encoder,
            place: place
        )
    }

    /// The scores of a batch, task by task.
    ///
    /// - Parameter batch: encoded rows.
    /// - Returns: for each of `tasks` a score for each row.
    /// - Throws: where the model cannot be compiled for the sizes.
    func scores(_ batch: borrowing RequestBatch) throws -> [[Score]] {
        var scores = [[Score]](repeating: [], count: tasks.count)
        try predictor.scores(batch) { task, values in
            guard let names = classes[tasks[task]] else {
                return scores[task] = values.map { .number($0) }
            }
            scores[task].reserveCapacity(values.count / max(names.count, 1))
            for start in stride(from: 0, to: values.count, by: max(names.count, 1)) {
                let best = RunPredictor.mostLikely(values, from: start, classes: names.count)
                scores[task].append(.choice(names[best.index], best.probability))
            }
        }
        return scores
    }

    /// Compiles the model for every number of rows up to a limit, so that no request waits for it.
    ///
    /// Requests of 1 to 16, 17 to 32, 33 to 64 ... rows share a program; each thread needs its own memory.
    ///
    /// - Parameters:
    ///   - candidates: the most rows of a request.
    ///   - workspaces: how many requests are computed at once.
    /// - Throws: where the model cannot be compiled, or gives numbers that are not finite.
    func warm(candidates: Int, workspaces: Int) throws {
        var rows = 16
        while true {
            let count = min(rows, candidates)
            var outputs = try predictor.warm(
                predictor.batch(predictor.run.fitted.acceptedRows(count), isExact: true, encoder),
                workspaces: workspaces
            )
            if let items, !isExact {
                // Most requests name items of the table, and tell the rest of the user.
                let chosen = (0..<count).map { $0 % items.count }
                var dry = predictor.run.fitted.acceptedRows(count)
                for column in items.table.columns { dry.columns[column] = nil }
                let batch = try batch(dry, items: ItemRows(items.table, rows: chosen)) {
                    "row \($0)"
                }
                outputs = try predictor.warm(batch, workspaces: workspaces)
            }
            guard outputs.values.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
                throw ServingError(
                    .modelUnusable,
                    "run \"\(path)\": the model answers rows without features with numbers that are not "
                        + "finite; expected finite scores. Train it again."
                )
            }
            guard rows < candidates else { return }
            rows *= 2
        }
    }

    private static func version(_ run: TrainedRun) throws -> String {
        var hash = ContentHash()
        for file in [run.directory.parametersFile, run.directory.configurationFile] {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw ServingError(
                    .modelUnusable,
                    "\(file): the file cannot be read; expected it as `motet train` wrote it."
                )
            }
            hash.add(Array(data))
        }
        let name = (run.directory.path as NSString).lastPathComponent
        return "\(name)-\(hash.hexadecimal.prefix(8))"
    }
}
