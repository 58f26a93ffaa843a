import MotetCore
import MotetGraph
import MotetNN

/// Batch normalisation in which each scenario has statistics, a scale and a shift of its own.
///
/// `y = (gamma * gamma_s) (x - mean_s) / sqrt(variance_s + eps) + (beta + beta_s)` for a row of scenario *s*:
/// by the rows of *s* in the batch while training, by kept statistics afterwards.
///
/// A scenario without rows in a batch keeps its statistics, and no momentum is lost. Its first rows set
/// them; one that has never had rows has those of all rows, so that its answers are sensible from the
/// first.
///
/// - Shapes: inputs x `[B, U]` and offsets `[S + 1]`; output `[B, U]`
/// - Learned: `scale` `[U]` and `scenario_scale` `[S, U]`, ones; `shift` `[U]` and `scenario_shift` `[S, U]`, zeros;
///   kept: `mean`, `variance` `[S, U]` and `seen` `[S]`
/// - Source: Sheng et al., "One Model to Serve All: Star Topology Adaptive Recommender for Multi-Domain CTR
///   Prediction", CIKM 2021. <https://doi.org/10.1145/3459637.3481941>
final class PartitionedNormalization: Layer {
    static let kind = "partitioned_normalization"
    let name: String?
    private let scenarios: Int
    private let momentum: Float
    private let epsilon: Float

    init(scenarios: Int, momentum: Float = 0.99, epsilon: Float = 1e-3, name: String? = nil) {
        self.scenarios = scenarios
        self.momentum = momentum
        self.epsilon = epsilon
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let (x, offsets) = (inputs[0], inputs[1])
        let units = context.graph.shape(of: x).last.fixedSize ?? 1
        func parameter(
            _ name: String,
            _ shape: [Int],
            _ initializer: Initializer,
            _ role: ParameterRole,
            _ context: inout ForwardContext
        ) throws(GraphError) -> Value {
            try context.parameter(name, shape: shape, initializer: initializer, role: role)
        }
        let all = [scenarios, units]
        let scale = try parameter("scale", [units], .ones, .bias, &context)
        let shift = try parameter("shift", [units], .zeros, .bias, &context)
        let ownScale = try parameter("scenario_scale", all, .ones, .bias, &context)
        let ownShift = try parameter("scenario_shift", all, .zeros, .bias, &context)
        let mean = try parameter("mean", all, .zeros, .statistic, &context)
        let variance = try parameter("variance", all, .ones, .statistic, &context)
        let seen = try parameter("seen", [scenarios], .zeros, .statistic, &context)
        let gamma = try context.graph.apply(Arithmetic(.multiply), ownScale, scale)
        let beta = try context.graph.apply(Arithmetic(.add), ownShift, shift)
        guard context.mode == .training else {
            let made = try context.graph.add(
                PartitionedCoefficients(epsilon: epsilon),
                [gamma, beta, mean, variance]
            )
            let factors = try context.scenarioRows(made[0], offsets, like: x)
            let scaled = try context.graph.apply(Arithmetic(.multiply), x, factors)
            return [try context.graph.apply(GroupedAddBias(), scaled, made[1], offsets)]
        }
        let made = try context.graph.add(
            GroupedNormalization(epsilon: epsilon),
            [x, gamma, beta, offsets]
        )
        context.graph.stage = .update
        defer { context.graph.stage = .gradients }
        let kept = try context.graph.add(
            PartitionedStatistics(momentum: momentum),
            [mean, variance, seen, made[1], made[2], offsets]
        )
        context.update("mean", kept[0])
        context.update("variance", kept[1])
        context.update("seen", kept[2])
        return [made[0]]
    }
}

/// A factor and an addend for each unit of each scenario: `(gamma, beta, mean, variance)`, all `[S, U]`, to
/// `gamma / sqrt(variance + eps)` and `beta - mean gamma / sqrt(variance + eps)`.
struct PartitionedCoefficients: HostOperation {
    let epsilon: Float

    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        [inputs[0], inputs[0]]
    }

    func evaluate(_ inputs: [Tensor]) -> [Tensor] {
        let (gamma, beta) = (inputs[0].floats, inputs[1].floats)
        let (mean, variance) = (inputs[2].floats, inputs[3].floats)
        let factors = gamma.indices.map {
            gamma[$0] / (variance[$0] + epsilon).squareRoot()
        }
        let addends = beta.indices.map { beta[$0] - mean[$0] * factors[$0] }
        return [
            Tensor(factors, shape: inputs[0].shape), Tensor(addends, shape: inputs[0].shape),
        ]
    }
}

/// Kept statistics after a step.
///
/// `(mean, variance, seen, batch mean, batch variance, offsets)` to new `(mean, variance, seen)`. `seen` is 0
/// before the first step, 1 for a scenario that has had no rows yet, then 2.
struct PartitionedStatistics: HostOperation {
    let momentum: Float

    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        Array(inputs[..<3])
    }

    func evaluate(_ inputs: [Tensor]) -> [Tensor] {
        var (mean, variance, seen) = (inputs[0].floats, inputs[1].floats, inputs[2].floats)
        let (batchMean, batchVariance) = (inputs[3].floats, inputs[4].floats)
        let ends = inputs[5].integers.map(Int.init)
        let units = seen.isEmpty ? 0 : mean.count / seen.count
        let counts = seen.indices.map { ends[$0 + 1] - ends[$0] }
        let overall = Self.overall(batchMean, batchVariance, counts, units)
        for (scenario, count) in counts.enumerated() {
            let hasRows = count > 0
            guard hasRows || (seen[scenario] < 2 && overall != nil) else { continue }
            // The first own rows replace what stood in for them.
            let isFirst = seen[scenario] == 0 || (hasRows && seen[scenario] < 2)
            let share = isFirst ? 0 : momentum
            for unit in 0..<units {
                let place = scenario * units + unit
                let (newMean, newVariance): (Float, Float) =
                    hasRows
                    ? (batchMean[place], batchVariance[place])
                    : (overall?.mean[unit] ?? 0, overall?.variance[unit] ?? 1)
                mean[place] = share * mean[place] + (1 - share) * newMean
                variance[place] = share * variance[place] + (1 - share) * newVariance
            }
            seen[scenario] = hasRows ? 2 : 1
        }
        return [
            Tensor(mean, shape: inputs[0].shape), Tensor(variance, shape: inputs[1].shape),
            Tensor(seen, shape: inputs[2].shape),
        ]
    }

    /// Mean and variance over the rows of all scenarios, from those of each: the law of total variance.
    static func overall(
        _ means: [Float],
        _ variances: [Float],
        _ counts: [Int],
        _ units: Int
    ) -> (mean: [Float], variance: [Float])? {
        let total = Double(counts.reduce(0, +))
        guard total > 0 else { return nil }
        var (mean, variance): ([Float], [Float]) = ([], [])
        for unit in 0..<units {
            var (first, second) = (0.0, 0.0)
            for (scenario, count) in counts.enumerated() where count > 0 {
                let share = Double(count) / total
                let center = Double(means[scenario * units + unit])
                first += share * center
                second += share * (Double(variances[scenario * units + unit]) + center * center)
            }
            mean.append(Float(first))
            variance.append(Float(max(second - first * first, 0)))
        }
        return (mean, variance)
    }
}
