public import MotetGraph

/// How parameters follow their gradients.
///
/// A value with static factories: `.adam(learningRate: 1e-3)`. Tables change only in the rows a batch
/// touches, unless `tables` says `dense`.
public struct Optimizer: Hashable, Sendable {
    /// How embedding tables are updated.
    public enum TableMode: Hashable, Sendable {
        /// Only touched rows, by the optimizer's own rule; with Adam "lazy Adam": moments of a row that
        /// was not touched stand still.
        case touchedRows
        /// Only touched rows, by row-wise Adagrad with this learning rate relative to the optimizer's.
        case rowWiseAdagrad(epsilon: Float)
        /// Every row in every step, as published tables of results were made. Slow for large tables.
        case dense
    }

    /// The rule for dense parameters.
    public let rule: UpdateRule
    /// The learning rate before the schedule.
    public let learningRate: Float
    /// How tables are updated.
    public var tables: TableMode = .touchedRows
    /// The factor of the penalty `l2 / 2 |p|^2`, on weights and, of tables, touched rows.
    public var l2: Float = 0
    /// The greatest absolute value of an element of a gradient; nil for no limit.
    public var clipsValue: Float?
    /// The greatest norm of all gradients together; nil for no limit.
    public var clipsNorm: Float?
    /// How the learning rate changes.
    public var schedule: LearningRateSchedule = .constant

    /// Stochastic gradient descent.
    ///
    /// - Parameters:
    ///   - learningRate: the step size.
    ///   - momentum: the share of the last step that is kept, from 0 up to but not 1.
    ///   - nesterov: whether the gradient looks ahead.
    /// - Returns: the optimizer.
    public static func sgd(
        learningRate: Float,
        momentum: Float = 0,
        nesterov: Bool = false
    ) -> Optimizer {
        Optimizer(
            rule: .sgd(momentum: momentum, nesterov: nesterov),
            learningRate: learningRate
        )
    }

    /// Adagrad.
    public static func adagrad(learningRate: Float, epsilon: Float = 1e-10) -> Optimizer {
        Optimizer(rule: .adagrad(epsilon: epsilon), learningRate: learningRate)
    }

    /// Adam.
    ///
    /// - Parameters:
    ///   - learningRate: the step size.
    ///   - beta1: the decay of the first moment.
    ///   - beta2: the decay of the second moment.
    ///   - epsilon: what is added to the root of the second moment.
    /// - Returns: the optimizer.
    public static func adam(
        learningRate: Float,
        beta1: Float = 0.9,
        beta2: Float = 0.999,
        epsilon: Float = 1e-8
    ) -> Optimizer {
        Optimizer(
            rule: .adam(beta1: beta1, beta2: beta2, epsilon: epsilon, decay: 0),
            learningRate: learningRate
        )
    }

    /// Adam with weight decay apart from the gradient; biases, scales and tables are not decayed.
    ///
    /// - Parameters:
    ///   - learningRate: the step size.
    ///   - weightDecay: the share of a weight taken away in a step, relative to the learning rate.
    ///   - beta1: the decay of the first moment.
    ///   - beta2: the decay of the second moment.
    ///   - epsilon: what is added to the root of the second moment.
    /// - Returns: the optimizer.
    public static func adamW(
        learningRate: Float,
        weightDecay: Float = 0.01,
        beta1: Float = 0.9,
        beta2: Float = 0.999,
        epsilon: Float = 1e-8
    ) -> Optimizer {
        Optimizer(
            rule: .adam(beta1: beta1, beta2: beta2, epsilon: epsilon, decay: weightDecay),
            learningRate: learningRate
        )
    }

    private init(rule: UpdateRule, learningRate: Float) {
        self.rule = rule
        self.learningRate = learningRate
    }

    /// The same optimizer with some settings changed.
    ///
    /// - Parameter change: sets properties.
    /// - Returns: the changed copy.
    public func with(_ change: (inout Optimizer) -> Void) -> Optimizer {
        var copy = self
        change(&copy)
        return copy
    }
}
