import MotetCore
import MotetGraph
import MotetMultiTask
import MotetNN
import MotetOptimizers

/// The products of the tasks' gradients in each shared block of a model, as a program that changes nothing.
struct GradientProbeProgram {
    /// Where the products of one parameter, or of one slice of it, are among the outputs.
    struct Part {
        let block: String
        let output: Int
        /// The task of each row, among those trained.
        let tasks: [Int]
    }

    let graph: Graph
    let parts: [Part]
    /// The positions of the tasks trained.
    let tasks: [Int]
    /// The column behind each input, for inputs that are columns.
    let columns: [String: String]

    /// Builds the program: the step's forward part with its dropout, and one backward pass for each task.
    ///
    /// Nil where fewer than two tasks are trained, more than `TaskSet` holds, or nothing dense is shared.
    init?(
        _ model: Model,
        _ tasks: TaskList,
        _ part: TrainingProgram.Part,
        weighting: LossWeighting,
        usesSampleWeight: Bool,
        key: RandomKey,
        steps: [String: Int]
    ) throws {
        guard (2...64).contains(part.tasks.count) else { return nil }
        var traced = try model.trace(.training, key: key.split("dropout"), steps: steps)
        var losses = TaskLosses(model, usesSampleWeight: usesSampleWeight)
        var terms: [LossSum.Term] = []
        var active: [Int] = []
        for index in part.tasks {
            let task = tasks.tasks[index]
            guard let made = try losses.append(task, of: tasks, to: &traced) else { continue }
            terms.append(
                LossSum.Term(
                    task: task,
                    loss: made.loss,
                    rowWeights: made.rowWeights,
                    weightSum: made.weightSum
                )
            )
            active.append(index)
        }
        let weighted = try LossSum(
            weighting: weighting,
            key: key,
            trained: active,
            taskCount: tasks.tasks.count
        ).append(terms, to: &traced.graph).terms
        let parameters = TrainingProgram.trained(traced, frozen: part.frozen)
        var differentiation = TaskDifferentiation(
            traced.graph.graph,
            losses: weighted,
            targets: parameters.map {
                TaskDifferentiation.Target(value: $0.value, isCompared: !$0.isTable)
            },
            place: .parameters
        )
        guard active.count > 1, differentiation.hasMeetings else { return nil }
        let blocks = try differentiation.appendBlocks(to: &traced.graph)
        var parts: [Part] = []
        for block in blocks {
            let name = Self.name(of: parameters[block.target].name, slice: block.slice)
            parts.append(
                Part(
                    block: name,
                    output: traced.graph.graph.outputs.count,
                    tasks: block.products.tasks
                )
            )
            traced.graph.output("products \(parts.count)", block.products.value)
        }
        traced.graph.removeUpdates { _ in true }
        graph = traced.graph.graph
        self.parts = parts
        self.tasks = active
        columns = losses.columns
    }

    /// The block of a parameter: its layer; for a slice of a stack the stack, with the slice's number.
    ///
    /// The layers of an expert are one block: `mmoe_1/experts/dense_2/weight` is part of `mmoe_1/experts/0`.
    static func name(of parameter: String, slice: Int?) -> String {
        var path = parameter.split(separator: "/").map(String.init)
        if path.count > 1 { path.removeLast() }
        guard let slice else { return path.joined(separator: "/") }
        if path.count > 1, let last = path.last, last.hasPrefix("dense") { path.removeLast() }
        return (path + ["\(slice)"]).joined(separator: "/")
    }
}
