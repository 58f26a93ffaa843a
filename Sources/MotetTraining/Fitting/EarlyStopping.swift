public import MotetMetrics

/// When to stop, and which epoch counts as the best.
public struct EarlyStopping: Sendable, Hashable {
    /// What decides which epoch is the best.
    public enum Rule: Sendable, Hashable {
        /// One number for the whole model.
        case model(MetricSelector)
        /// A number for each task, by its name; each keeps the parameters of its own best epoch.
        ///
        /// For tasks that share no parameter, as models of one task trained side by side: each is kept as
        /// if it had been trained alone.
        case eachTask([String: MetricSelector])
    }

    /// What is watched.
    public var rule: Rule
    /// Epochs without a better value after which the fit ends; nil never ends it early.
    public var patience: Int?

    /// Creates a rule for the whole model.
    ///
    /// - Parameters:
    ///   - selector: what is watched: a task's metric, a scenario's, or a mean.
    ///   - patience: epochs without a better value that are let pass; nil for all.
    public init(_ selector: MetricSelector, patience: Int? = nil) {
        rule = .model(selector)
        self.patience = patience
    }

    /// Creates a rule by which each task keeps its own best epoch.
    ///
    /// - Parameters:
    ///   - selectors: what is watched of each task of the trainer.
    ///   - patience: epochs in which no task gets better that are let pass; nil for all.
    /// - Returns: the rule; `fit` throws where tasks share a parameter.
    public static func eachTask(
        _ selectors: [String: MetricSelector],
        patience: Int? = nil
    ) -> EarlyStopping {
        var stopping = EarlyStopping(MetricSelector(.auc), patience: patience)
        stopping.rule = .eachTask(selectors)
        return stopping
    }
}
