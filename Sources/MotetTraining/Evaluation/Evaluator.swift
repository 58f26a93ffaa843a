import MotetCore
import MotetData
import MotetGraph
import MotetMetrics
import MotetNN

/// Runs a model over data and collects predictions beside labels.
final class Evaluator {
    private let graph: Graph
    private let tasks: TaskList
    private let usesSampleWeight: Bool
    private let columns: [String: String]
    /// For each task the position of its mask of steps among the outputs, if it has one.
    private var maskOutputs: [Int?] = []
    /// For each task the labels of a row.
    private var labelCounts: [Int] = []

    init(_ model: Model, _ tasks: TaskList, usesSampleWeight: Bool) throws {
        var traced = try model.trace(.inference)
        var columns: [String: String] = [:]
        for input in model.inputs { columns[input.name] = input.name }
        for task in tasks.tasks {
            guard let output = traced.outputs.first(where: { $0.name == task.name }) else {
                continue
            }
            let value = try Predictor.linked(
                output.value,
                task.objective.loss.link,
                in: &traced.graph
            )
            traced.graph.output(task.name, value)
            let labels = task.objective.loss.labelShape(for: traced.graph.shape(of: output.value))
            labelCounts.append(labels.rank > 1 ? labels.last.fixedSize ?? 1 : 1)
        }
        for (index, task) in tasks.tasks.enumerated() {
            let output = traced.outputs.first { $0.name == task.name }
            let mask = labelCounts[index] > 1 ? output.flatMap { traced.mask(of: $0.value) } : nil
            maskOutputs.append(mask == nil ? nil : traced.graph.graph.outputs.count)
            if let mask { traced.graph.output("mask/\(task.name)", mask) }
        }
        graph = traced.graph.graph
        self.tasks = tasks
        self.usesSampleWeight = usesSampleWeight
        self.columns = columns
    }

    /// Labels and predictions of every task on every row it is defined on.
    func evaluate(
        _ data: PreparedDataset,
        states: StateStore,
        backend: any Backend,
        batchSize: Int,
        groupsScenarios: Int?,
        only: [Int]
    ) throws -> [TaskObservations] {
        let names = data.columns.map(\.name)
        let hasGroups = names.contains("group")
        let hasScenarios = names.contains("scenario")
        var wanted = Trainer.columns(of: graph.inputs.map(\.name).compactMap { columns[$0] })
        wanted += only.flatMap(labelColumns)
        if usesSampleWeight { wanted.append(Trainer.sampleWeightColumn) }
        if hasGroups { wanted.append("group") }
        if hasScenarios { wanted.append("scenario") }
        var seen = Set<String>()
        let options = BatchLoaderOptions(
            batchSize: batchSize,
            scenarioColumn: groupsScenarios == nil ? nil : "scenario",
            scenarioCount: groupsScenarios ?? 0
        )
        let loader = try BatchLoader(
            data,
            columns: wanted.filter { seen.insert($0).inserted },
            options: options
        )
        let capacity = Trainer.capacity(data, batchSize: batchSize)
        let executable = try backend.compile(graph, states: states, capacity: capacity)
        let binding = try BatchBinding(executable, loader, columns: columns)
        var collected = labelCounts.enumerated().map { index, count in
            Collected(
                rows: only.contains(index) ? data.rowCount * count : 0,
                weights: usesSampleWeight,
                groups: hasGroups,
                scenarios: hasScenarios
            )
        }
        loader.start(epoch: 0)
        while let batch = try loader.next() {
            binding.bind(batch, to: executable)
            executable.run(.gradients)
            for index in only {
                collect(
                    &collected[index],
                    tasks.tasks[index],
                    index,
                    executable,
                    batch,
                    hasGroups,
                    hasScenarios
                )
            }
        }
        return try only.map { index in
            let (task, part) = (tasks.tasks[index], collected[index])
            return TaskObservations(
                task: task.name,
                metrics: task.objective.metrics,
                observations: try Observations(
                    labels: part.labels,
                    predictions: part.predictions,
                    weights: usesSampleWeight ? part.weights : nil,
                    groups: hasGroups ? part.groups : nil,
                    scenarios: hasScenarios ? part.scenarios : nil
                )
            )
        }
    }

    /// The columns of a task's labels, and of those of the tasks it lies within.
    private func labelColumns(_ index: Int) -> [String] {
        let name = tasks.tasks[index].name
        return ([name] + tasks.ancestors(of: name)).compactMap { tasks[$0]?.column(of: $0) }
    }

    /// Columns in the order of the data, whatever order batches come in, so that two models are measured on
    /// the same rows; NaN labels mark rows the task is not defined on.
    private struct Collected {
        var labels: [Float]
        var predictions: [Float]
        var weights: [Float]
        var groups: [Int32]
        var scenarios: [Int32]

        init(rows: Int, weights hasWeights: Bool, groups hasGroups: Bool, scenarios: Bool) {
            labels = [Float](repeating: .nan, count: rows)
            predictions = [Float](repeating: 0, count: rows)
            weights = [Float](repeating: 0, count: hasWeights ? rows : 0)
            groups = [Int32](repeating: 0, count: hasGroups ? rows : 0)
            self.scenarios = [Int32](repeating: 0, count: scenarios ? rows : 0)
        }
    }

    private func collect(
        _ part: inout Collected,
        _ task: NamedTask,
        _ index: Int,
        _ executable: any Executable,
        _ batch: BatchBuffer,
        _ hasGroups: Bool,
        _ hasScenarios: Bool
    ) {
        func floats(_ name: String) -> UnsafePointer<Float>? {
            batch.index(of: name).map {
                UnsafePointer(batch.pointer($0).assumingMemoryBound(to: Float.self))
            }
        }
        func integers(_ name: String) -> UnsafePointer<Int32>? {
            batch.index(of: name).map {
                UnsafePointer(batch.pointer($0).assumingMemoryBound(to: Int32.self))
            }
        }
        let output = executable.output(index).bindMemory(to: Float.self)
        let count = labelCounts[index]
        let width = batch.rowCount > 0 ? output.count / (batch.rowCount * count) : 1
        let mask = maskOutputs[index].map { executable.output($0).bindMemory(to: Float.self) }
        let labels = floats(task.objective.column(of: task.name))
        let weights = usesSampleWeight ? floats(Trainer.sampleWeightColumn) : nil
        let groups = hasGroups ? integers("group") : nil
        let scenarios = hasScenarios ? integers("scenario") : nil
        let parents = tasks.ancestors(of: task.name).map { name in
            floats(tasks[name]?.column(of: name) ?? "")
        }
        for row in 0..<batch.rowCount where parents.allSatisfy({ $0?[row] == 1 }) {
            for element in row * count..<(row + 1) * count {
                guard let label = labels?[element], !label.isNaN, mask?[element] != 0 else {
                    continue
                }
                let place = Int(batch.rows[row]) * count + element % count
                if width == 1 {
                    part.labels[place] = label
                    part.predictions[place] = output[element]
                } else {
                    // A row with classes is right or wrong: accuracy is the share of ones.
                    let isRight = Evaluator.mostLikely(output, element, width) == label
                    part.labels[place] = 1
                    part.predictions[place] = isRight ? 1 : 0
                }
                if let weights { part.weights[place] = weights[row] }
                if let groups { part.groups[place] = groups[row] }
                if let scenarios { part.scenarios[place] = scenarios[row] }
            }
        }
    }

    /// The number of the class with the greatest probability.
    private static func mostLikely(
        _ output: UnsafeBufferPointer<Float>,
        _ row: Int,
        _ width: Int
    ) -> Float {
        var best = 0
        for index in 1..<width where output[row * width + index] > output[row * width + best] {
            best = index
        }
        return Float(best)
    }
}
