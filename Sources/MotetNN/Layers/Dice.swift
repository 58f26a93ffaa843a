import MotetCore
public import MotetGraph

/// A leaky function that bends where a unit's values lie: `p x + (1 - p) slope x`, `p = sigmoid((x - mean) / sqrt(variance + eps))`.
///
/// Mean and variance are those of a unit over the batch while training, kept ones afterwards. Of a masked sequence only
/// real steps count. The first batch sets what is kept, and one without a step changes nothing.
///
/// - Shapes: input and output `[B, ..., U]`
/// - Learned: `slope` `[U]`, zeros; kept: `mean` `[U]`, `variance` `[U]` and `seen` `[1]`
/// - Source: Zhou et al., "Deep Interest Network for Click-Through Rate Prediction", KDD 2018.
///   <https://doi.org/10.1145/3219819.3219823>
public final class Dice: UnaryLayer {
    /// `dice`.
    public static let kind = "dice"
    /// The user's name.
    public let name: String?
    private let momentum: Float
    private let epsilon: Float

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - momentum: the share of the kept statistics that a step leaves, in [0, 1].
    ///   - epsilon: what is added to the variance, above 0.
    ///   - name: a name for parameters and messages.
    public init(momentum: Float = 0.99, epsilon: Float = 1e-8, name: String? = nil) {
        self.momentum = momentum
        self.epsilon = epsilon
        self.name = name
    }

    /// Applies the function.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let x = inputs[0]
        let units = context.graph.shape(of: x).last.fixedSize ?? 1
        let slope = try context.parameter(
            "slope",
            shape: [units],
            initializer: .zeros,
            role: .bias
        )
        func statistic(
            _ name: String,
            _ size: Int,
            _ initializer: Initializer,
            _ context: inout ForwardContext
        ) throws(GraphError) -> Value {
            try context.parameter(
                name,
                shape: [size],
                initializer: initializer,
                role: .statistic
            )
        }
        let kept = [
            try statistic("mean", units, .zeros, &context),
            try statistic("variance", units, .ones, &context),
            try statistic("seen", 1, .zeros, &context),
        ]
        guard context.mode == .training else {
            return [try bent(x, kept[0], kept[1], slope, in: &context.graph)]
        }
        let (mean, variance, count) = try statistics(of: x, in: &context)
        let result = try bent(x, mean, variance, slope, in: &context.graph)
        context.graph.stage = .update
        defer { context.graph.stage = .gradients }
        let new = try context.graph.add(
            FirstThenAverage(momentum: momentum),
            kept + [mean, variance, count]
        )
        for (name, value) in zip(["mean", "variance", "seen"], new) { context.update(name, value) }
        return [result]
    }

    /// Mean and variance of each unit `[U]` over the real steps, and their number, `[U]` too.
    private func statistics(
        of x: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> (mean: Value, variance: Value, count: Value) {
        let shape = context.graph.shape(of: x)
        var isReal = context.graph.constant(Tensor([Float(1)], shape: []))
        let one = isReal
        if let mask = context.mask(of: x) {
            let ones = [Dimension](repeating: 1, count: shape.rank - 2)
            let column = Shape(shape.dimensions[..<2] + ones)
            isReal = try context.graph.apply(MotetGraph.Reshape(column), mask)
        }
        let weights = try context.graph.apply(BroadcastLike(shape), isReal, x)
        let units = Shape([shape.last])
        let count = try context.graph.apply(SumToShape(units), weights)
        // At least 1: a batch may have no step.
        let more = try context.graph.apply(
            MotetGraph.Activation(.relu),
            try context.graph.apply(Arithmetic(.subtract), count, one)
        )
        let divisor = try context.graph.apply(Arithmetic(.add), more, one)
        func mean(
            _ value: Value,
            _ graph: inout GraphBuilder
        ) throws(GraphError) -> Value {
            let counted = try graph.apply(Arithmetic(.multiply), value, weights)
            let sum = try graph.apply(SumToShape(units), counted)
            return try graph.apply(Arithmetic(.divide), sum, divisor)
        }
        let center = try mean(x, &context.graph)
        let away = try context.graph.apply(Arithmetic(.subtract), x, center)
        let squares = try context.graph.apply(Arithmetic(.multiply), away, away)
        return (center, try mean(squares, &context.graph), count)
    }

    /// `x (slope + p (1 - slope))`.
    private func bent(
        _ x: Value,
        _ mean: Value,
        _ variance: Value,
        _ slope: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let safe = try graph.apply(
            Arithmetic(.add),
            variance,
            graph.constant(Tensor([epsilon], shape: []))
        )
        // 1 / sqrt(v) is exp(-log(v) / 2).
        let halved = try graph.apply(Scale(-0.5), try graph.apply(Logarithm(), safe))
        let factor = try graph.apply(Exponential(), halved)
        let away = try graph.apply(Arithmetic(.subtract), x, mean)
        let normal = try graph.apply(Arithmetic(.multiply), away, factor)
        let p = try graph.apply(MotetGraph.Activation(.sigmoid), normal)
        let one = graph.constant(Tensor([Float(1)], shape: []))
        let rest = try graph.apply(Arithmetic(.subtract), one, slope)
        let bend = try graph.apply(
            Arithmetic(.add),
            try graph.apply(Arithmetic(.multiply), p, rest),
            slope
        )
        return try graph.apply(Arithmetic(.multiply), x, bend)
    }
}

/// Kept statistics after a step: the first batch's own, then an average over steps.
///
/// `(mean, variance, seen, batch mean, batch variance, count)` to new `(mean, variance, seen)`; nothing changes where the
/// count is 0.
private struct FirstThenAverage: HostOperation {
    let momentum: Float

    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        Array(inputs[..<3])
    }

    func evaluate(_ inputs: [Tensor]) -> [Tensor] {
        guard inputs[5].floats[0] > 0 else { return Array(inputs[..<3]) }
        let share = inputs[2].floats[0] > 0 ? momentum : 0
        func moved(_ old: Tensor, _ new: Tensor) -> Tensor {
            Tensor(
                zip(old.floats, new.floats).map { share * $0 + (1 - share) * $1 },
                shape: old.shape
            )
        }
        return [
            moved(inputs[0], inputs[3]), moved(inputs[1], inputs[4]),
            Tensor([Float(1)], shape: [1]),
        ]
    }
}
