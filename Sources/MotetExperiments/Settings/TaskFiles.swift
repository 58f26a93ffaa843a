import MotetConfiguration
import MotetCore
import MotetData

/// Files of their own for some tasks: rows with the columns of the experiment's files and the labels of
/// these tasks alone.
public struct TaskFiles: Hashable, Sendable {
    /// The tasks whose labels the files have.
    public var tasks: [String]
    /// The training files.
    public var train: [String]
    /// The validation files; empty for none.
    public var validation: [String]
    /// The test files; empty for none.
    public var test: [String]

    init(reading reader: ConfigurationReader, folder: String) {
        func files(_ key: String) -> [String] {
            reader.strings(key, default: [], count: .atLeast(1), allowsOne: true)
                .map { DataSettings.absolute($0, in: folder) }
        }
        tasks = reader.strings("tasks", count: .atLeast(1), allowsOne: true)
        train = files("train")
        validation = files("validation")
        test = files("test")
        if !reader.has("train") {
            reader.fail(
                "train",
                "missing; expected the files the tasks are trained from.",
                code: .missingKey
            )
        }
    }

    /// The settings as a tree that reads back equal.
    var node: ConfigurationNode {
        func paths(_ paths: [String]) -> ConfigurationNode? {
            paths.isEmpty ? nil : .strings(paths)
        }
        return .map([
            ("tasks", .strings(tasks)), ("train", paths(train)),
            ("validation", paths(validation)), ("test", paths(test)),
        ])
    }
}

extension Experiment {
    /// The tasks whose labels are in the files of `data.train`.
    var tasksOfMainFiles: [TaskSettings] {
        let others = Set(data.taskFiles.flatMap(\.tasks))
        return tasks.filter { !others.contains($0.name) }
    }

    /// The tasks of files of their own, in the experiment's order.
    func tasks(of files: TaskFiles) -> [TaskSettings] {
        tasks.filter { files.tasks.contains($0.name) }
    }

    /// The classes of a task that has them: those learnt from the training rows, or those it lists.
    func classes(of task: TaskSettings, _ fitted: FittedSchema) -> [String]? {
        if let learnt = fitted.classes[task.name] { return learnt }
        guard case .multiclass(let listed) = task.labelKind else { return nil }
        return listed
    }

    /// Records what is wrong with files of tasks.
    func checkTaskFiles(_ reader: ConfigurationReader) {
        let names = tasks.map(\.name)
        var seen = Set<String>()
        for name in data.taskFiles.flatMap(\.tasks) {
            if !names.contains(name) {
                reader.fail(
                    "data",
                    "`sources` names a task there is not; expected one of \(names); received "
                        + "`\(name)`." + Suggestion.sentence(for: name, in: names)
                )
            } else if !seen.insert(name).inserted {
                reader.fail(
                    "data",
                    "`sources` names the task `\(name)` twice; expected its labels in one place."
                )
            }
        }
        guard !data.taskFiles.isEmpty else { return }
        if tasksOfMainFiles.isEmpty {
            reader.fail(
                "data",
                "`sources` takes every task from the files of `train`, from which vocabularies are "
                    + "learnt; expected at least one task to have its labels there."
            )
        }
        for files in data.taskFiles { for task in tasks(of: files) { check(task, files, reader) } }
    }

    private func check(
        _ task: TaskSettings,
        _ files: TaskFiles,
        _ reader: ConfigurationReader
    ) {
        if case .multiclass(nil) = task.labelKind {
            reader.fail(
                "tasks",
                "task \"\(task.name)\": it has files of its own, of which nothing is learnt; "
                    + "expected its `classes`; received none."
            )
        }
        if let parent = task.within, !files.tasks.contains(parent) {
            reader.fail(
                "tasks",
                "task \"\(task.name)\": it lies within `\(parent)`, whose labels are in other "
                    + "files; expected both in one entry of `sources`."
            )
        }
        for other in tasks where other.within == task.name && !files.tasks.contains(other.name) {
            reader.fail(
                "tasks",
                "task \"\(other.name)\": it lies within `\(task.name)`, whose labels are in other "
                    + "files; expected both in one entry of `sources`."
            )
        }
    }
}
