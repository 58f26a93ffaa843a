import MotetCore
import MotetData
import MotetGraph
import MotetNN

/// Appends the losses of tasks to a traced model, and remembers the columns they read.
struct TaskLosses {
    private let usesSampleWeight: Bool
    /// The column behind each input, for inputs that are columns.
    private(set) var columns: [String: String] = [:]

    init(_ model: Model, usesSampleWeight: Bool) {
        self.usesSampleWeight = usesSampleWeight
        for input in model.inputs { columns[input.name] = input.name }
    }

    /// The loss of a `CRF` head is the likelihood of the whole sequence.
    private static func checkChain(_ task: NamedTask) throws {
        guard task.objective.loss == .categoricalCrossEntropy else {
            throw TrainingError(
                .dataMismatch,
                "task \"\(task.name)\": the loss does not fit the output of a CRF; expected plain categorical cross-entropy, which becomes the likelihood of the sequence; received another."
            )
        }
    }

    /// Appends one task's loss.
    ///
    /// The loss of a `CRF` head is the negative log-likelihood of its chain; a layer may define another.
    ///
    /// - Parameters:
    ///   - task: the task.
    ///   - tasks: all tasks, for those it lies within.
    ///   - traced: the model.
    /// - Returns: the weighted mean loss, the sum of weights, and the weights of rows or steps; nil when
    ///   the model has no such output.
    /// - Throws: `GraphError` when output and loss do not fit.
    mutating func append(
        _ task: NamedTask,
        of tasks: TaskList,
        to traced: inout TracedModel
    ) throws -> (loss: Value, weightSum: Value, rowWeights: Value)? {
        guard let output = traced.outputs.first(where: { $0.name == task.name })?.value else {
            return nil
        }
        traced.graph.scope = "loss of \(task.name)"
        let rows = TensorType([.batch])
        let labelShape = task.objective.loss.labelShape(for: traced.graph.shape(of: output))
        let labels = try traced.graph.input(
            ProgramInput.label(task.name),
            TensorType(labelShape)
        )
        columns[ProgramInput.label(task.name)] = task.objective.column(of: task.name)
        var inputs = [labels]
        if usesSampleWeight {
            inputs.append(try traced.graph.input(ProgramInput.sampleWeight, rows))
            columns[ProgramInput.sampleWeight] = Trainer.sampleWeightColumn
        }
        if let own = traced.loss(of: task.name) {
            do {
                let rows = try labelled([task.name] + own.tasks, of: tasks, in: &traced)
                let made = try own.rule(rows, task.objective.loss, &traced.graph)
                return (made.loss, made.weightSum, made.rowWeights)
            } catch let error as GraphError {
                throw error.of("task", task.name)
            }
        }
        // The sides of a box belong together; the steps of a sequence do not.
        let isSequence = labelShape.rank > 1 && task.objective.loss.labelWidth == 1
        let mask = isSequence ? traced.mask(of: output) : nil
        if let mask { inputs.append(mask) }
        for name in tasks.ancestors(of: task.name) {
            let label = ProgramInput.label(name)
            inputs.append(try traced.graph.input(label, rows))
            columns[label] = tasks[name]?.column(of: name)
        }
        let weights = try traced.graph.add(
            SampleWeights(
                isWeighted: usesSampleWeight,
                isMasked: mask != nil,
                isPerElement: isSequence
            ),
            inputs
        )[0]
        do {
            if let chain = traced.chain(of: output) {
                try TaskLosses.checkChain(task)
                let made = try CRF.loss(
                    chain,
                    emissions: output,
                    labels: labels,
                    weights: weights,
                    in: &traced.graph
                )
                return (made.loss, made.weightSum, weights)
            }
            let made = try task.objective.loss.apply(
                output: output,
                labels: labels,
                weights: weights,
                in: &traced.graph
            )
            return (made.loss, made.weightSum, weights)
        } catch let error as GraphError {
            throw error.of("task", task.name)
        }
    }

    /// Appends the losses that layers add, of those that concern trained tasks only.
    ///
    /// - Parameters:
    ///   - trained: the names of the trained tasks.
    ///   - tasks: all tasks.
    ///   - traced: the model.
    /// - Returns: the losses, `[]`, already weighed.
    /// - Throws: `GraphError` when a loss cannot be appended.
    mutating func appendAdded(
        _ trained: [String],
        of tasks: TaskList,
        to traced: inout TracedModel
    ) throws -> [Value] {
        var losses: [Value] = []
        for added in traced.addedLosses where added.tasks.allSatisfy(trained.contains) {
            traced.graph.scope = "loss \(added.name)"
            let rows = try labelled(added.tasks, of: tasks, in: &traced)
            losses.append(try added.rule(rows, &traced.graph))
        }
        return losses
    }

    /// The labels of tasks, one a row.
    private mutating func labelled(
        _ names: [String],
        of tasks: TaskList,
        in traced: inout TracedModel
    ) throws -> LabelledRows {
        let rows = TensorType([.batch])
        var labels: [String: Value] = [:]
        for name in Set(names).sorted() {
            guard let task = tasks[name] else {
                throw TrainingError(
                    .unknownTask,
                    "task \"\(name)\": the model's losses read its labels; expected it among the "
                        + "tasks; received \(tasks.tasks.map(\.name))."
                )
            }
            let input = ProgramInput.label(name)
            labels[name] = try traced.graph.input(input, rows)
            columns[input] = task.column(of: name)
        }
        var sampleWeight: Value?
        if usesSampleWeight {
            sampleWeight = try traced.graph.input(ProgramInput.sampleWeight, rows)
            columns[ProgramInput.sampleWeight] = Trainer.sampleWeightColumn
        }
        let outputs = Dictionary(traced.outputs.map { ($0.name, $0.value) }) { first, _ in first }
        return LabelledRows(labels: labels, outputs: outputs, sampleWeight: sampleWeight)
    }
}
