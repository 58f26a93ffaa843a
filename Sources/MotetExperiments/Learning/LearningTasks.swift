import MotetFeatures
import MotetNN
import MotetRecommenders
import MotetTraining

/// The tasks of a run as they are learnt from events.
struct LearningTasks {
    /// All tasks of the run.
    let names: [String]
    /// The tasks as a trainer takes them: at once learnt ones with weighted fake negatives, and none within another, for
    /// labels are missing where a parent's is not 1.
    let named: [NamedTask]
    /// The tasks whose labels events make.
    let joined: [OutcomeJoin.Task]

    init(_ settings: LearnSettings, _ run: TrainedRun) {
        names = run.experiment.tasks.map(\.name)
        named = run.experiment.namedTasks.map { task in
            var objective = task.objective
            objective.within = nil
            if settings.tasks.contains(where: { $0.name == task.name && $0.isLearntAtOnce }) {
                objective.loss = .fakeNegativeWeighted
            }
            return NamedTask(task.name, objective)
        }
        joined = settings.tasks.map { task in
            let within = run.experiment.tasks.first { $0.name == task.name }?.within
            return OutcomeJoin.Task(
                task.name,
                event: task.event,
                window: task.window,
                isLearntAtOnce: task.isLearntAtOnce,
                parent: within.flatMap { name in
                    settings.tasks.firstIndex { $0.name == name }
                }
            )
        }
    }

    /// Checks that the tasks can be learnt from events.
    ///
    /// - Throws: `ExperimentError` with the first that cannot.
    static func check(_ settings: LearnSettings, _ run: TrainedRun) throws {
        let known = run.experiment.tasks
        for task in settings.tasks {
            guard let own = known.first(where: { $0.name == task.name }) else {
                throw problem(
                    task.name,
                    "the run has no such task; expected one of \(known.map(\.name).joined(separator: ", "))"
                )
            }
            guard own.loss.isBinary else {
                throw problem(
                    task.name,
                    "its labels are not 0 or 1; expected a task with a binary loss; received `\(own.loss.name)`"
                )
            }
            if let parent = own.within {
                let place = settings.tasks.firstIndex { $0.name == parent }
                let own = settings.tasks.firstIndex { $0.name == task.name }
                guard let place, let own, place < own else {
                    throw problem(
                        task.name,
                        "it is within \"\(parent)\"; expected that task before it in `tasks`"
                    )
                }
            }
        }
        let names = settings.tasks.map(\.name)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw problem(twice, "it is there twice; expected each task once")
        }
        if let left = known.first(where: { !names.contains($0.name) }) {
            throw problem(
                left.name,
                "the run has it and `tasks` does not; expected every task of the run, for what they share changes under "
                    + "all of them"
            )
        }
        let architecture = run.experiment.model.architecture.name
        guard !["esmm", "escm2"].contains(architecture) else {
            throw ExperimentError(
                .runMismatch,
                "run \"\(run.directory.path)\": `\(architecture)` makes losses of several tasks' labels of one row at one "
                    + "time; expected a model whose tasks have losses of their own."
            )
        }
    }

    private static func problem(_ task: String, _ text: String) -> ExperimentError {
        ExperimentError(.runMismatch, "tasks, \"\(task)\": \(text).")
    }
}
