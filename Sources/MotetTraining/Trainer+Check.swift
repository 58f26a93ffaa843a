import MotetCore
public import MotetMultiTask
public import MotetNN
public import MotetOptimizers

extension Trainer {
    /// Checks that a model can be trained so, without making its parameters.
    ///
    /// What depends on rows, such as a task without labels, is found by `fit`.
    ///
    /// - Parameters:
    ///   - model: what is to be trained.
    ///   - optimizer: how parameters follow their gradients.
    ///   - tasks: for outputs of the model, what they want.
    ///   - weighting: how their losses become one number.
    ///   - aggregation: how their gradients become one direction in what they share; nil for the sum.
    ///   - schedule: the phases, whose frozen names must be of the model.
    ///   - usesSampleWeight: whether the column `weight` weighs rows.
    /// - Throws: `TrainingError` when tasks, model, aggregation and schedule do not fit, `GraphError` when a loss and its
    ///   output do not.
    public static func check(
        _ model: Model,
        optimizer: Optimizer,
        tasks: [NamedTask],
        weighting: LossWeighting = .fixed,
        aggregation: GradientAggregation? = nil,
        schedule: TrainingSchedule = [],
        usesSampleWeight: Bool = false
    ) throws {
        _ = try program(
            model,
            try TaskList(tasks, model),
            optimizer: optimizer,
            weighting: weighting,
            aggregation: aggregation,
            usesSampleWeight: usesSampleWeight,
            key: RandomKey(seed: 0)
        )
        for (number, phase) in schedule.phases.enumerated() {
            _ = try frozen(phase.frozen, of: model, number: number + 1)
        }
    }

    /// The program that trains all tasks, where settings and model fit.
    static func program(
        _ model: Model,
        _ tasks: TaskList,
        optimizer: Optimizer,
        weighting: LossWeighting,
        aggregation: GradientAggregation?,
        usesSampleWeight: Bool,
        key: RandomKey
    ) throws -> TrainingProgram {
        try CombinedGradients.check(aggregation, weighting, tasks, model)
        return try TrainingProgram(
            model,
            tasks,
            TrainingProgram.Part(tasks: Array(tasks.tasks.indices)),
            weighting: weighting,
            aggregation: aggregation ?? weighting.aggregation,
            optimizer: optimizer,
            usesSampleWeight: usesSampleWeight,
            key: key
        )
    }
}
