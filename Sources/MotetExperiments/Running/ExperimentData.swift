import MotetData
import MotetMetrics
import MotetTraining

/// All prepared rows of an experiment: those of its files, and those of files some tasks have of their own.
struct ExperimentData {
    /// Rows, and the tasks that have labels there; nil for all.
    struct Source {
        let tasks: [String]?
        let splits: PreparedSplits
    }

    /// The experiment's own files first.
    let sources: [Source]

    /// The rows vocabularies and statistics are learnt from.
    var main: PreparedSplits { sources[0].splits }

    /// What was learnt.
    var fitted: FittedSchema { main.fitted }

    /// The training rows of all sources.
    var trainingRows: Int { sources.reduce(0) { $0 + $1.splits.training.rowCount } }

    /// The names of what is prepared beside the experiment's own files: equal names, equal rows.
    var contentOfTaskFiles: [String]? {
        guard sources.count > 1 else { return nil }
        return sources.dropFirst().map { source in
            source.splits.folder.split(separator: "/").last.map(String.init) ?? ""
        }
    }

    /// What a trainer learns from and measures on.
    var training: [TrainingSource] {
        sources.map { source in
            TrainingSource(
                source.splits.training,
                validation: source.splits.validation,
                tasks: source.tasks
            )
        }
    }

    /// Labels and predictions of every task on a part; nil where no source has it.
    func observations(_ trainer: Trainer, _ part: DataPart) throws -> [TaskObservations]? {
        var all: [TaskObservations] = []
        for source in sources {
            guard let rows = source.splits[part] else { continue }
            all += try trainer.evaluate(rows, tasks: source.tasks)
        }
        return all.isEmpty ? nil : all
    }

    /// The scenarios that no training row belongs to, in their order.
    func scenariosWithoutRows() throws -> [String] {
        let names = fitted.scenarios
        var isThere = names.map { _ in false }
        for rows in sources.map(\.splits.training)
        where rows.columns.contains(where: { $0.name == "scenario" }) {
            try rows.withIntegers("scenario") { values in
                for scenario in values where isThere.indices.contains(Int(scenario)) {
                    isThere[Int(scenario)] = true
                }
            }
        }
        return zip(names, isThere).filter { !$1 }.map(\.0)
    }

    /// The rows of a part.
    func rowCount(_ part: DataPart) -> Int {
        sources.reduce(0) { $0 + ($1.splits[part]?.rowCount ?? 0) }
    }
}

extension ExperimentRunner {
    /// Prepares the experiment's files, and then those of tasks with what was learnt there.
    func prepareAll(_ experiment: Experiment) throws -> ExperimentData {
        let main = try prepare(experiment)
        let ownTasks = experiment.tasksOfMainFiles.map(\.name)
        var sources = [
            ExperimentData.Source(
                tasks: experiment.data.taskFiles.isEmpty ? nil : ownTasks,
                splits: main
            )
        ]
        for files in experiment.data.taskFiles {
            let tasks = experiment.tasks(of: files)
            let fitted = main.fitted.with(labels: tasks.map(\.label))
            let splits = try Preparer(schema: fitted.schema, cacheFolder: experiment.data.cache)
                .prepare(
                    experiment.data.sources(files),
                    like: fitted,
                    progress: { [observer] in observer.preparing($0) }
                )
            observer.note("files of \(tasks.map(\.name).joined(separator: ", ")):")
            tell(splits)
            sources.append(ExperimentData.Source(tasks: tasks.map(\.name), splits: splits))
        }
        let data = ExperimentData(sources: sources)
        let empty = try data.scenariosWithoutRows()
        if !empty.isEmpty {
            let names = empty.map { "\"\($0)\"" }.joined(separator: ", ")
            observer.note(
                "warning: no training row belongs to \(empty.count == 1 ? "scenario" : "scenarios") "
                    + "\(names); what a model has for each scenario stays as it began there"
            )
        }
        return data
    }

    /// Tells what was prepared.
    func tell(_ splits: PreparedSplits) {
        if splits.cameFromCache {
            let parts = DataPart.allCases.compactMap { part in
                splits[part].map { "\(part.rawValue) \($0.rowCount)" }
            }
            observer.note("data from the cache, rows: " + parts.joined(separator: ", "))
        } else {
            observer.note("\(splits.report)")
        }
    }
}
