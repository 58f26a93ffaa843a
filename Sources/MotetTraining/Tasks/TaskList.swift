import MotetCore
import MotetNN

/// The tasks of a trainer, checked against the model.
struct TaskList {
    let tasks: [NamedTask]

    init(_ tasks: [NamedTask], _ model: Model) throws {
        self.tasks = tasks
        guard !tasks.isEmpty else {
            throw TrainingError(.unknownTask, "Trainer: there is no task; expected at least 1.")
        }
        let outputs = model.outputs.map(\.name)
        for task in tasks {
            guard outputs.contains(task.name) else {
                throw TrainingError(
                    .unknownTask,
                    "task \"\(task.name)\": the model has no output of that name; expected one of \(outputs)."
                        + Suggestion.sentence(for: task.name, in: outputs)
                )
            }
            if let parent = task.objective.within {
                let names = tasks.map(\.name)
                guard names.contains(parent), parent != task.name else {
                    throw TrainingError(
                        .unknownTask,
                        "task \"\(task.name)\": 'within' names no other task; received \"\(parent)\"."
                            + Suggestion.sentence(for: parent, in: names)
                    )
                }
            }
        }
        for name in Set(tasks.map(\.name)) where tasks.filter({ $0.name == name }).count > 1 {
            throw TrainingError(.unknownTask, "task \"\(name)\": is listed twice.")
        }
        try checkNoCircle()
    }

    private func checkNoCircle() throws {
        for task in tasks where ancestors(of: task.name, limit: tasks.count + 1).count > tasks.count
        {
            throw TrainingError(
                .unknownTask,
                "task \"\(task.name)\": 'within' leads in a circle."
            )
        }
    }

    subscript(name: String) -> TaskObjective? { tasks.first { $0.name == name }?.objective }

    /// The tasks whose labels must be 1 for a row to take part, nearest first.
    func ancestors(of name: String, limit: Int = .max) -> [String] {
        var chain: [String] = []
        var current = self[name]?.within
        while let parent = current, chain.count < limit {
            chain.append(parent)
            current = self[parent]?.within
        }
        return chain
    }
}
