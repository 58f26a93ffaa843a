public import MotetMetrics
public import MotetNN

/// What one task wants: its loss, weight, sample space and metrics.
public struct TaskObjective: Sendable {
    /// How the output is compared with the label.
    public var loss: Loss
    /// The factor of the task's loss in the sum.
    public var weight: Float
    /// The task within whose positive rows this one is defined, such as conversion within click.
    public var within: String?
    /// What is measured on validation and test data.
    public var metrics: [Metric]
    /// The column of the labels; nil for `label/<task>`.
    public var column: String?

    /// Describes a task.
    ///
    /// - Parameters:
    ///   - loss: how the output is compared with the label.
    ///   - weight: the factor of the loss in the sum of all tasks.
    ///   - within: the task whose label must be 1 for a row to take part.
    ///   - metrics: what is measured.
    ///   - column: the column of the labels; nil for `label/<task>`.
    public init(
        loss: Loss,
        weight: Float = 1,
        within: String? = nil,
        metrics: [Metric] = [],
        column: String? = nil
    ) {
        self.loss = loss
        self.weight = weight
        self.within = within
        self.metrics = metrics
        self.column = column
    }

    /// A label of 0 or 1, by cross-entropy on a logit.
    public static func binary(
        weight: Float = 1,
        within: String? = nil,
        metrics: [Metric] = [.auc, .logLoss]
    ) -> TaskObjective {
        TaskObjective(loss: .binaryCrossEntropy, weight: weight, within: within, metrics: metrics)
    }

    /// A number, by default by squared error.
    public static func regression(
        loss: Loss = .squaredError,
        weight: Float = 1,
        within: String? = nil,
        metrics: [Metric] = [.rmse, .mae]
    ) -> TaskObjective {
        TaskObjective(loss: loss, weight: weight, within: within, metrics: metrics)
    }

    /// The number of a class, by cross-entropy on logits.
    public static func multiclass(
        weight: Float = 1,
        within: String? = nil,
        metrics: [Metric] = [.accuracy]
    ) -> TaskObjective {
        TaskObjective(
            loss: .categoricalCrossEntropy,
            weight: weight,
            within: within,
            metrics: metrics
        )
    }

    func column(of task: String) -> String { column ?? ProgramInput.label(task) }
}

/// A task with its name.
public struct NamedTask: Sendable {
    /// The name, which is also that of the model's output.
    public let name: String
    /// What it wants.
    public let objective: TaskObjective

    /// Names an objective.
    public init(_ name: String, _ objective: TaskObjective) {
        self.name = name
        self.objective = objective
    }
}
