import MotetCore
import MotetGraph
import MotetNN

extension Trainer {
    /// For each task, in their order, the parameters its output or its loss depends on.
    func parametersOfTasks() throws -> [Set<String>] {
        let names = Set(model.parameters.map(\.name))
        return try tasks.tasks.map { task in
            // Statistics are read where a model predicts, a chain's transitions where its loss is taken.
            let predicting = try model.trace(.inference)
            var learning = try model.trace(.training)
            var losses = TaskLosses(model, usesSampleWeight: usesSampleWeight)
            let loss = try losses.append(task, of: tasks, to: &learning)?.loss
            let output = predicting.outputs.first { $0.name == task.name }?.value
            return predicting.graph.graph.states(behind: output)
                .union(learning.graph.graph.states(behind: loss))
                .intersection(names)
        }
    }

    /// For each task, in their order, the parameters of its own; tasks may not share one.
    ///
    /// Parameters no task reads belong to none.
    func ownParametersOfTasks() throws -> [Set<String>] {
        let reached = try parametersOfTasks()
        for (index, own) in reached.enumerated() {
            for other in reached.indices.dropFirst(index + 1) {
                // The first by name, so that the message is the same each time.
                guard let shared = own.intersection(reached[other]).min() else { continue }
                throw TrainingError(
                    .sharedParameters,
                    "early stopping: tasks \"\(tasks.tasks[index].name)\" and \"\(tasks.tasks[other].name)\" share \"\(shared)\", so neither can keep an epoch of its own; expected tasks that share no parameter. Watch one number for the whole model."
                )
            }
        }
        return reached
    }
}

extension Graph {
    /// The names of the states a value is computed from.
    fileprivate func states(behind value: Value?) -> Set<String> {
        guard let value else { return [] }
        var needed: Set<Value> = [value]
        for node in nodes.reversed() where node.outputs.contains(where: needed.contains) {
            needed.formUnion(node.inputs)
        }
        return Set(states.filter { needed.contains($0.value) }.map(\.name))
    }
}
