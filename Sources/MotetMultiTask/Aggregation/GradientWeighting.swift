public import MotetCore

/// A rule that turns the inner products of task gradients into one weight for each task.
///
/// The direction of the update is `sum_k w_k g_k`. A rule is a value; what it remembers from step to step
/// is an ``AggregationState``, which a checkpoint holds.
public protocol GradientWeighting: Sendable {
    /// The name in configurations and reports, in snake case.
    static var name: String { get }

    /// The weight of each task's gradient.
    ///
    /// - Parameters:
    ///   - gramian: the products of the gradients of this step, all finite.
    ///   - state: what the rule remembers; a new training starts with an empty one.
    ///   - key: the randomness of this step.
    /// - Returns: `K` finite weights, or nil where the rule's problem could not be solved; the caller then
    ///   takes the mean of the gradients and counts the step.
    func weights(
        _ gramian: Gramian,
        _ state: inout AggregationState,
        key: RandomKey
    ) -> [Double]?
}

/// What a weighting remembers from step to step.
public struct AggregationState: Hashable, Sendable, Codable {
    /// The steps taken so far.
    public var step = 0
    /// The rule's own numbers, such as `K` moving averages.
    public var numbers: [Double] = []

    /// Creates the state of a new training.
    public init() {}
}

/// The sum of all gradients: what training on the sum of the losses does.
public struct SumOfGradients: GradientWeighting {
    /// `sum`.
    public static let name = "sum"

    /// Creates the rule.
    public init() {}

    /// Ones.
    public func weights(
        _ gramian: Gramian,
        _: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        Array(repeating: 1, count: gramian.count)
    }
}

/// The mean of all gradients.
public struct MeanOfGradients: GradientWeighting {
    /// `mean`.
    public static let name = "mean"

    /// Creates the rule.
    public init() {}

    /// `1 / K` each.
    public func weights(
        _ gramian: Gramian,
        _: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        Array(repeating: 1 / Double(gramian.count), count: gramian.count)
    }
}
