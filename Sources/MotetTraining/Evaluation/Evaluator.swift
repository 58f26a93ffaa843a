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
    private var forms: [TaskForm] = []
    /// For each task the position of its mask of steps among the outputs, if it has one.
    private var maskOutputs: [Int?] = []

    init(_ model: Model, _ tasks: TaskList, usesSampleWeight: Bool) throws {
        var traced = try model.trace(.inference)
        var columns: [String: String] = [:]
        for input in model.inputs { columns[input.name] = input.name }
        var masks: [Value?] = []
        for task in tasks.tasks {
            guard let output = traced.outputs.first(where: { $0.name == task.name }) else {
                continue
            }
            let loss = task.objective.loss
            let value = try Predictor.linked(output.value, loss.link, in: &traced.graph)
            traced.graph.output(task.name, value)
            let shape = traced.graph.shape(of: output.value)
            forms.append(TaskForm(loss, output: shape))
            let isSequence = loss.labelShape(for: shape).rank > 1 && loss.labelWidth == 1
            masks.append(isSequence ? traced.mask(of: output.value) : nil)
        }
        for (task, mask) in zip(tasks.tasks, masks) {
            maskOutputs.append(mask == nil ? nil : traced.graph.graph.outputs.count)
            if let mask { traced.graph.output("mask/\(task.name)", mask) }
        }
        graph = traced.graph.graph
        self.tasks = tasks
        self.usesSampleWeight = usesSampleWeight
        self.columns = columns
    }

    /// Labels and predictions of some tasks on every row they are defined on.
    func evaluate(
        _ data: PreparedDataset,
        states: StateStore,
        backend: any Backend,
        batchSize: Int,
        groupsScenarios: Int?,
        only: [Int]
    ) throws -> [TaskObservations] {
        let names = data.columns.map(\.name)
        var row = CollectedRows.Row()
        if usesSampleWeight { row.weight = 1 }
        if names.contains("group") { row.group = 0 }
        if names.contains("scenario") { row.scenario = 0 }
        let loader = try loader(data, row, only, batchSize, groupsScenarios)
        let capacity = Trainer.capacity(data, batchSize: batchSize)
        let executable = try backend.compile(graph, states: states, capacity: capacity)
        let binding = try BatchBinding(executable, loader, columns: columns)
        var collected = only.map { CollectedRows(forms[$0], rows: data.rowCount, like: row) }
        loader.start(epoch: 0)
        while let batch = try loader.next() {
            binding.bind(batch, to: executable)
            executable.run(.gradients)
            for (place, index) in only.enumerated() {
                try collect(&collected[place], index, executable, batch, like: row)
            }
        }
        return try zip(only, collected).map { index, rows in
            TaskObservations(
                task: tasks.tasks[index].name,
                metrics: tasks.tasks[index].objective.metrics,
                observations: try rows.observations()
            )
        }
    }

    /// The outputs of some tasks as predictions, in the order of the data.
    func predict(
        _ data: PreparedDataset,
        states: StateStore,
        backend: any Backend,
        batchSize: Int,
        groupsScenarios: Int?
    ) throws -> [String: Tensor] {
        let loader = try loader(data, CollectedRows.Row(), [], batchSize, groupsScenarios)
        let capacity = Trainer.capacity(data, batchSize: batchSize)
        let executable = try backend.compile(graph, states: states, capacity: capacity)
        let binding = try BatchBinding(executable, loader, columns: columns)
        let widths = tasks.tasks.indices.map { index in
            let shape = graph.type(of: graph.outputs[index].value).shape
            return shape.dimensions.dropFirst().map { $0.fixedSize ?? 1 }
        }
        var predictions = widths.map { Tensor(zeros: [data.rowCount] + $0) }
        loader.start(epoch: 0)
        while let batch = try loader.next() {
            binding.bind(batch, to: executable)
            executable.run(.gradients)
            for index in predictions.indices {
                let width = widths[index].reduce(1, *)
                let output = executable.output(index).bindMemory(to: Float.self)
                predictions[index].withMutableFloats { target in
                    for row in 0..<batch.rowCount {
                        let place = Int(batch.rows[row]) * width
                        for element in 0..<width {
                            target[place + element] = output[row * width + element]
                        }
                    }
                }
            }
        }
        return Dictionary(uniqueKeysWithValues: zip(tasks.tasks.map(\.name), predictions))
    }

    private func loader(
        _ data: PreparedDataset,
        _ row: CollectedRows.Row,
        _ only: [Int],
        _ batchSize: Int,
        _ groupsScenarios: Int?
    ) throws -> BatchLoader {
        var wanted = Trainer.columns(of: graph.inputs.map(\.name).compactMap { columns[$0] })
        wanted += only.flatMap(labelColumns)
        if row.weight != nil { wanted.append(Trainer.sampleWeightColumn) }
        if row.group != nil { wanted.append("group") }
        if row.scenario != nil { wanted.append("scenario") }
        var seen = Set<String>()
        let options = BatchLoaderOptions(
            batchSize: batchSize,
            scenarioColumn: groupsScenarios == nil ? nil : "scenario",
            scenarioCount: groupsScenarios ?? 0
        )
        return try BatchLoader(
            data,
            columns: wanted.filter { seen.insert($0).inserted },
            options: options
        )
    }

    /// The columns of a task's labels, and of those of the tasks it lies within.
    private func labelColumns(_ index: Int) -> [String] {
        let name = tasks.tasks[index].name
        return ([name] + tasks.ancestors(of: name)).compactMap { tasks[$0]?.column(of: $0) }
    }

    private func collect(
        _ rows: inout CollectedRows,
        _ index: Int,
        _ executable: any Executable,
        _ batch: BatchBuffer,
        like kind: CollectedRows.Row
    ) throws {
        let task = tasks.tasks[index]
        let form = forms[index]
        let column = task.objective.column(of: task.name)
        try check(column, task.name, form, batch)
        let output = executable.output(index).bindMemory(to: Float.self)
        let mask = maskOutputs[index].map { executable.output($0).bindMemory(to: Float.self) }
        guard let labels = Evaluator.floats(batch, column), let outputs = output.baseAddress else {
            return
        }
        let weights = kind.weight == nil ? nil : Evaluator.floats(batch, Trainer.sampleWeightColumn)
        let groups = kind.group == nil ? nil : Evaluator.integers(batch, "group")
        let scenarios = kind.scenario == nil ? nil : Evaluator.integers(batch, "scenario")
        let parents = tasks.ancestors(of: task.name).map { name in
            Evaluator.floats(batch, tasks[name]?.column(of: name) ?? "")
        }
        for row in 0..<batch.rowCount where parents.allSatisfy({ $0?[row] == 1 }) {
            rows.add(
                Int(batch.rows[row]),
                labels: labels + row * form.labelsPerRow,
                mask: mask?.baseAddress.map { $0 + row * form.labelsPerRow },
                outputs: outputs + row * form.outputsPerRow,
                CollectedRows.Row(
                    weight: weights?[row],
                    group: groups?[row],
                    scenario: scenarios?[row]
                )
            )
        }
    }

    /// Labels must be as many as the form reads.
    private func check(
        _ column: String,
        _ task: String,
        _ form: TaskForm,
        _ batch: BatchBuffer
    ) throws {
        guard let index = batch.index(of: column) else { return }
        let given = batch.inputs[index]
        let width = given.shape.dimensions.dropFirst().reduce(1) { $0 * ($1.fixedSize ?? 1) }
        guard given.dtype == .float32, width == form.labelsPerRow else {
            throw TrainingError(
                .dataMismatch,
                "data: the labels of the task \"\(task)\" do not fit its output; expected \(form.labelsPerRow) float32 numbers a row; received \(width) of \(given.dtype.rawValue)."
            )
        }
    }

    private static func floats(_ batch: BatchBuffer, _ name: String) -> UnsafePointer<Float>? {
        batch.index(of: name).map {
            UnsafePointer(batch.pointer($0).assumingMemoryBound(to: Float.self))
        }
    }

    private static func integers(_ batch: BatchBuffer, _ name: String) -> UnsafePointer<Int32>? {
        batch.index(of: name).map {
            UnsafePointer(batch.pointer($0).assumingMemoryBound(to: Int32.self))
        }
    }
}
