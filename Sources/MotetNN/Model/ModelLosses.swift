import MotetCore
public import MotetGraph

/// Labels and outputs of tasks in a training program, for losses that layers define themselves.
public struct LabelledRows: Sendable {
    private let labels: [String: Value]
    private let outputs: [String: Value]
    private let sampleWeight: Value?

    /// Wraps the inputs of a program.
    ///
    /// - Parameters:
    ///   - labels: for each task its labels, `[B]`.
    ///   - outputs: the outputs of the model by task.
    ///   - sampleWeight: the weight of each row, `[B]`, where rows are weighed.
    public init(labels: [String: Value], outputs: [String: Value] = [:], sampleWeight: Value?) {
        self.labels = labels
        self.outputs = outputs
        self.sampleWeight = sampleWeight
    }

    /// What each row counts, `[B]`: 0 where the task's label is missing or one of the others is not 1.
    ///
    /// - Parameters:
    ///   - task: the task whose label must be known.
    ///   - positive: tasks whose labels must be 1; the task itself may be one of them.
    ///   - isWeighted: whether other rows count as their sample weight says; else they count 1.
    ///   - graph: where nodes are added.
    /// - Returns: the weights; no gradient goes through them.
    /// - Throws: `GraphError` when a task has no labels in the program.
    public func weights(
        known task: String,
        positive: [String] = [],
        isWeighted: Bool = true,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        var inputs = [try label(task)]
        let weight = isWeighted ? sampleWeight : nil
        if let weight { inputs.append(weight) }
        for name in positive { inputs.append(try label(name)) }
        return try graph.add(SampleWeights(isWeighted: weight != nil), inputs)[0]
    }

    /// The model's output for a task, which other layers may have changed after the one that asks.
    ///
    /// - Parameter task: the task.
    /// - Returns: the output, `[B, C]`.
    /// - Throws: `GraphError` when the model has no such output.
    public func output(of task: String) throws(GraphError) -> Value {
        guard let output = outputs[task] else {
            throw GraphError(.unknownName, "the model has no output of task \"\(task)\".")
        }
        return output
    }

    private func label(_ task: String) throws(GraphError) -> Value {
        guard let label = labels[task] else {
            throw GraphError(.unknownName, "the program has no labels of task \"\(task)\".")
        }
        return label
    }
}

/// The loss of a task where a layer defines it, in the place of the usual comparison of output and label.
///
/// The task's weight, and whatever weighs the losses of tasks, applies to it as to any other.
public struct TaskLoss: Sendable {
    /// What it is made of.
    public struct Values: Sendable {
        /// The weighted mean, `[]`.
        public let loss: Value
        /// The sum of the weights, `[]`.
        public let weightSum: Value
        /// What each row counts, `[B]`; none depends on a parameter.
        public let rowWeights: Value

        /// Names the values.
        public init(loss: Value, weightSum: Value, rowWeights: Value) {
            self.loss = loss
            self.weightSum = weightSum
            self.rowWeights = rowWeights
        }
    }

    /// Appends it to a program: labels, the loss the task asks for, and the graph.
    public typealias Rule =
        @Sendable (LabelledRows, Loss, inout GraphBuilder) throws(GraphError) -> Values

    /// The other tasks whose labels it reads.
    public let tasks: [String]
    /// Appends it to a program.
    public let rule: Rule
}

/// A loss beside those of the tasks, such as a regulariser of gates.
public struct AddedLoss: Sendable {
    /// Appends it to a program; the result is `[]`, already weighed.
    public typealias Rule =
        @Sendable (LabelledRows, inout GraphBuilder) throws(GraphError) -> Value

    /// What it is called in messages.
    public let name: String
    /// The tasks it concerns: it is part of programs that train all of them.
    public let tasks: [String]
    /// Appends it to a program.
    public let rule: Rule
}

extension ForwardContext {
    /// Defines the loss of a task; a program that answers has no use for it.
    ///
    /// - Parameters:
    ///   - task: the task, by the name of its output.
    ///   - others: other tasks whose labels the loss reads.
    ///   - rule: appends the loss.
    public mutating func setLoss(
        of task: String,
        reading others: [String] = [],
        _ rule: @escaping TaskLoss.Rule
    ) {
        taskLosses[task] = TaskLoss(tasks: others, rule: rule)
    }

    /// Adds a loss beside those of the tasks.
    ///
    /// - Parameters:
    ///   - name: what it is called in messages.
    ///   - tasks: the tasks it concerns: it is part of programs that train all of them.
    ///   - rule: appends the loss.
    public mutating func addLoss(
        _ name: String,
        of tasks: [String],
        _ rule: @escaping AddedLoss.Rule
    ) {
        addedLosses.append(AddedLoss(name: name, tasks: tasks, rule: rule))
    }
}

extension TracedModel {
    /// The loss of a task, where a layer defines it.
    public func loss(of task: String) -> TaskLoss? { context.taskLosses[task] }

    /// The losses layers add to those of the tasks.
    public var addedLosses: [AddedLoss] { context.addedLosses }
}
