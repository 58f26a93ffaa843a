public import MotetMultiTask
public import MotetNN
import MotetOneDNN
public import MotetOptimizers
public import MotetTraining

extension Trainer {
    /// Makes a model ready to learn on the CPU.
    ///
    /// ```swift
    /// let trainer = try Trainer(
    ///     model,
    ///     optimizer: .adam(learningRate: 1e-3),
    ///     tasks: [
    ///         "click": .binary(metrics: [.auc, .logLoss]),
    ///         "purchase": .binary(weight: 0.5, within: "click", metrics: [.auc]),
    ///     ],
    ///     seed: 42
    /// )
    /// ```
    ///
    /// - Parameters:
    ///   - model: what is trained.
    ///   - optimizer: how parameters follow their gradients.
    ///   - tasks: for outputs of the model, what they want.
    ///   - weighting: how their losses become one number.
    ///   - aggregation: how their gradients become one direction in what they share; nil for the sum.
    ///   - seed: the seed of initial values, the order of rows, and dropout.
    ///   - usesSampleWeight: whether the column `weight` weighs rows in losses and metrics.
    /// - Throws: `TrainingError` when tasks and model do not fit, `GraphError` when a loss and its output
    ///   do not.
    public convenience init(
        _ model: Model,
        optimizer: Optimizer,
        tasks: KeyValuePairs<String, TaskObjective>,
        weighting: LossWeighting = .fixed,
        aggregation: GradientAggregation? = nil,
        seed: UInt64,
        usesSampleWeight: Bool = false
    ) throws {
        try self.init(
            model,
            optimizer: optimizer,
            tasks: tasks.map { NamedTask($0.key, $0.value) },
            weighting: weighting,
            aggregation: aggregation,
            seed: seed,
            usesSampleWeight: usesSampleWeight,
            backend: OneDNNBackend()
        )
    }
}

extension Predictor {
    /// Freezes a model to answer on the CPU.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - parameters: its values.
    ///   - links: for each output what turns it into a prediction; identity where not given.
    /// - Throws: `GraphError` when a parameter is missing or has the wrong shape.
    public convenience init(
        _ model: Model,
        parameters: ParameterStore,
        links: [String: Loss.Link] = [:]
    ) throws {
        try self.init(model, parameters: parameters, links: links, backend: OneDNNBackend())
    }
}
