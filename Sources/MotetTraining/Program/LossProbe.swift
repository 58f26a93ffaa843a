import MotetCore
import MotetGraph
import MotetNN

/// The losses of some tasks alone, for a look at what a step did to them.
struct LossProbe {
    let graph: Graph
    /// The column behind each input, for inputs that are columns.
    let columns: [String: String]

    /// Builds the program: the forward part of training, with its dropout, that changes nothing.
    init(
        _ model: Model,
        _ tasks: TaskList,
        _ active: [Int],
        usesSampleWeight: Bool,
        key: RandomKey,
        steps: [String: Int]
    ) throws {
        var traced = try model.trace(.training, key: key.split("dropout"), steps: steps)
        var losses = TaskLosses(model, usesSampleWeight: usesSampleWeight)
        for index in active {
            let task = tasks.tasks[index]
            guard let made = try losses.append(task, of: tasks, to: &traced) else { continue }
            traced.graph.output("loss/\(task.name)", made.loss)
        }
        traced.graph.removeUpdates { _ in true }
        graph = traced.graph.graph
        columns = losses.columns
    }
}
