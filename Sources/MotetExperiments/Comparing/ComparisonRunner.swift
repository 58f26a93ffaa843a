import Foundation
import MotetCore
import MotetData
import MotetMetrics
import MotetNN
import MotetRecommenders
import MotetTraining

/// What to compare, and where the comparison goes.
public struct CompareRequest: Hashable, Sendable {
    /// The YAML file.
    public var configuration: String
    /// The folder; nil for `runs/<name>`.
    public var output: String?
    /// What picks the best run; nil for what the file says.
    public var selection: ComparisonCriterion?
    /// Runs at work at a time; nil for what the file says, or else as many as there is room for.
    public var parallel: Int?
    /// The program whose `train` runs the trainings; nil for the one that runs here.
    public var program: String?

    /// Creates a request.
    public init(configuration: String, output: String? = nil) {
        self.configuration = configuration
        self.output = output
    }
}

/// Runs comparisons: checks every cell, trains them in processes of their own, measures all on the same rows.
public final class ComparisonRunner {
    let comparison: Comparison
    let folder: ComparisonFolder
    let runner: ExperimentRunner
    let observer: any ExperimentObserver
    private let shouldStop: () -> Bool
    private let parallel: Int
    private let program: String
    /// Prepared data by what they are made from.
    private var prepared: [Experiment: ExperimentData] = [:]

    /// Reads a comparison and checks every cell's settings and the place it goes to.
    ///
    /// - Parameters:
    ///   - request: what to compare, and where it goes.
    ///   - engine: what computes here.
    ///   - observer: told of what happens.
    ///   - shouldStop: asked all the time; true ends it with everything saved.
    /// - Throws: `ConfigurationError` with the problems of all cells, `ExperimentError` when the folder is
    ///   taken or holds another comparison.
    public init(
        _ request: CompareRequest,
        engine: ExperimentEngine,
        observer: any ExperimentObserver = SilentObserver(),
        shouldStop: @escaping () -> Bool = { false }
    ) throws {
        var comparison = try Comparison(
            contentsOf: URL(fileURLWithPath: request.configuration)
        )
        if let selection = request.selection {
            if let problem = selection.problem(comparison.tasks) {
                throw ExperimentError(.runMismatch, "select: \(problem)")
            }
            if comparison.cells.contains(where: { !$0.experiment.data.hasValidation }) {
                throw ExperimentError(
                    .partMissing,
                    "select: runs are chosen by validation rows; expected `data.validation` or a split "
                        + "that makes them; received none."
                )
            }
            comparison.selection = selection
        }
        self.comparison = comparison
        folder = ComparisonFolder(request.output ?? "runs/\(comparison.name)")
        try folder.check(comparison)
        self.observer = observer
        self.shouldStop = shouldStop
        runner = ExperimentRunner(engine: engine, observer: observer, shouldStop: shouldStop)
        program = request.program ?? ChildProcess.ownPath
        let threads = comparison.cells.compactMap(\.experiment.training.threads).max() ?? 1
        let cores = ProcessInfo.processInfo.activeProcessorCount
        parallel = request.parallel ?? comparison.budget.parallel ?? max(1, cores / threads)
    }

    /// The cells, what each of them is, and the trainings there will be.
    ///
    /// - Returns: text for a terminal.
    public func plan() -> String {
        var table = TextTable(
            ["cell", "architecture", "weighting", "threads"],
            alignments: [.left, .left, .left]
        )
        for cell in comparison.cells {
            let training = cell.experiment.training
            table.addRow([
                cell.name, cell.experiment.model.architecture.name, training.weighting.name,
                "\(training.threads ?? 1)",
            ])
        }
        let seeds = comparison.seeds.map { "\($0)" }.joined(separator: ", ")
        let trials = comparison.search == nil ? "" : ", \(trialWeights.count) trials of weights"
        return table.plain()
            + "\n\(comparison.cells.count) cells, seeds \(seeds)\(trials): \(runCount) trainings, "
            + "\(parallel) at a time; the comparison is \(folder.path)\n"
    }

    /// Trains what is not trained yet, and measures everything.
    ///
    /// - Returns: what was found; it stands in the folder too. Nil when it was asked to stop before its end.
    /// - Throws: the first mistake as a `ReportableError`; one in cells or data before anything is trained.
    public func run() throws -> ComparisonReport? {
        let plans = try plannedRuns()
        try folder.begin(comparison)
        let lock = try folder.lock(patience: 30) {
            observer.note("waiting for a run that an earlier comparison left to notice")
        }
        defer { close(lock) }
        observer.note(plan())
        let pool = ComparisonPool(
            folder: folder,
            program: program,
            budget: comparison.budget,
            parallel: parallel,
            shouldStop: shouldStop,
            tell: { [observer] in observer.note($0) }
        )
        pool.expect(runCount)
        var result = ComparisonOutcomes(runs: plans, search: nil)
        try pool.work(plans.first)
        if let search = chooseWeights(plans, pool) {
            result.search = search
            if let chosen = search.chosen { result.tuned = plans.trials[chosen - 1] }
        }
        try pool.work(result.tuned.dropFirst() + plans.rest)
        return pool.isInterrupted ? nil : try report(result, pool)
    }

    private var trialWeights: [[Double]] {
        comparison.search?.weights(tasks: comparison.tasks.count, seed: comparison.seeds[0]) ?? []
    }

    /// The chosen trial is the searched cell's run of the first seed.
    private var runCount: Int {
        let trials = trialWeights.count
        return comparison.cells.count * comparison.seeds.count + trials
            + (trials > 0 ? comparison.seeds.count - 1 : 0)
    }

    /// Prepares the data once, and builds every model, so that nothing starts that cannot end.
    private func plannedRuns() throws -> ComparisonPlans {
        var plans = ComparisonPlans()
        func runs(_ cell: String, _ experiment: Experiment, _ trial: Int?) throws -> [ComparisonRun]
        {
            let fitted = try data(of: experiment).fitted
            let model: Int64
            do {
                let built = try experiment.model(fitted)
                try ExperimentRunner.check(experiment, built)
                model = built.parameters.reduce(0) { $0 + Int64($1.count) * 4 }
            } catch let error as any ReportableError {
                throw ExperimentError(error.code, "cell \"\(cell)\": \(error)")
            }
            return comparison.seeds.map { seed in
                var own = experiment
                own.seed = seed
                return ComparisonRun(
                    cell: cell,
                    trial: trial,
                    seed: seed,
                    experiment: own,
                    leastMemory: model
                )
            }
        }
        for cell in comparison.cells {
            plans.cells.append((cell.name, try runs(cell.name, cell.experiment, nil)))
        }
        if let searched = comparison.searched {
            for (index, weights) in trialWeights.enumerated() {
                var experiment = searched
                for (task, weight) in weights.enumerated() {
                    experiment.tasks[task].weight = Float(weight)
                }
                plans.trials.append(try runs(Comparison.tunedName, experiment, index + 1))
            }
        }
        plans.singleTask = comparison.singleTask
        let rows = try data(of: comparison.cells[0].experiment)
        guard rows.rowCount(.validation) + rows.rowCount(.test) > 0 else {
            throw ExperimentError(
                .partMissing,
                "comparison \"\(comparison.name)\": the experiment has no test or validation rows; "
                    + "expected some to measure on."
            )
        }
        return plans
    }

    /// The prepared data of an experiment; those of equal data, features and labels are one.
    func data(of experiment: Experiment) throws -> ExperimentData {
        var key = experiment
        key.name = ""
        key.seed = 0
        let base = comparison.cells[0].experiment
        key.model = base.model
        key.training = base.training
        key.tasks = key.tasks.map { task in
            var task = task
            task.weight = 1
            return task
        }
        if let known = prepared[key] { return known }
        let made = try runner.prepareAll(experiment)
        prepared[key] = made
        return made
    }

    /// The best weights by the criterion on validation rows, beside the single-task run of the same seed.
    private func chooseWeights(
        _ plans: ComparisonPlans,
        _ pool: ComparisonPool
    ) -> ComparisonReport.Search? {
        guard let search = comparison.search, !pool.isInterrupted else { return nil }
        let criterion = comparison.selection ?? .relativeGain
        let baseline = plans.singleTaskRuns.first.flatMap { validation($0) }
        let trials = zip(trialWeights, plans.trials).map { weights, runs in
            let score = validation(runs[0]).flatMap {
                criterion.value($0, baseline: baseline, tasks: comparison.tasks)
            }
            return ComparisonReport.Trial(
                weights: weights,
                run: ComparisonReport.Run(runs[0], pool),
                score: score
            )
        }
        var chosen: Int?
        var best: Double?
        for (index, trial) in trials.enumerated() {
            guard let score = trial.score, criterion.goal.isBetter(score, than: best) else {
                continue
            }
            (best, chosen) = (score, index + 1)
        }
        if let chosen {
            let weights = zip(comparison.tasks, trialWeights[chosen - 1])
                .map { "\($0.name) \($1)" }.joined(separator: ", ")
            observer.note(
                "\(Comparison.tunedName): trial \(chosen) has the best weights: \(weights)"
            )
        }
        return ComparisonReport.Search(
            cell: search.cell,
            kind: search.kind.rawValue,
            criterion: criterion.name,
            trials: trials,
            chosen: chosen
        )
    }

    /// What a finished run measured on the validation rows.
    func validation(_ run: ComparisonRun) -> MetricReport? {
        let directory = RunDirectory(folder.place(run))
        guard directory.isFinished else { return nil }
        return (try? directory.metrics())?.validation
    }
}

/// The trainings of a comparison.
struct ComparisonPlans {
    /// The cell that trains every task alone.
    var singleTask = ""
    /// For each cell its runs, one for each seed.
    var cells: [(name: String, runs: [ComparisonRun])] = []
    /// For each trial of the search its runs, one for each seed; only those of the chosen one go beyond the
    /// first.
    var trials: [[ComparisonRun]] = []

    /// The runs of the single-task baseline.
    var singleTaskRuns: [ComparisonRun] { cells.first { $0.name == singleTask }?.runs ?? [] }

    /// What the choice of weights needs, then the other cells' first seed: of a budget that ends early
    /// every cell has got something.
    var first: [ComparisonRun] {
        let others = cells.filter { $0.name != singleTask }.compactMap(\.runs.first)
        return singleTaskRuns.prefix(1) + trials.compactMap(\.first) + others
    }

    /// The other seeds, seed by seed.
    var rest: [ComparisonRun] {
        let seeds = cells.first?.runs.count ?? 0
        return (1..<max(seeds, 1)).flatMap { seed in
            (cells.filter { $0.name == singleTask } + cells.filter { $0.name != singleTask })
                .map { $0.runs[seed] }
        }
    }
}

/// What became of the trainings of a comparison.
struct ComparisonOutcomes {
    /// All of them.
    var runs: ComparisonPlans
    /// The search for weights.
    var search: ComparisonReport.Search?
    /// The runs with the chosen weights.
    var tuned: [ComparisonRun] = []
}

extension ComparisonReport.Run {
    init(_ run: ComparisonRun, _ pool: ComparisonPool) {
        let outcome =
            pool.outcomes[run] ?? RunOutcome(state: .pending, reason: "stopped before its start")
        let usage = pool.usage(of: run)
        self.init(
            seed: run.seed,
            path: run.path,
            state: outcome.state,
            reason: outcome.reason,
            seconds: usage?.seconds,
            memory: usage?.memory
        )
    }
}
