public import MotetCore

/// MetaBalance: the gradients of auxiliary tasks are brought near the length of the target task's.
///
/// With `m_k <- beta m_k + (1 - beta) |g_k|`: `w_k = r m_target / m_k + (1 - r)`, and `w_target = 1`.
///
/// - Source: He et al., "MetaBalance: Improving Multi-Task Recommendations via Adapting Gradient Magnitudes
///   of Auxiliary Tasks", WWW 2022, algorithm 1. <https://doi.org/10.1145/3485447.3512093>
public struct MetaBalance: GradientWeighting {
    /// `metabalance`.
    public static let name = "metabalance"
    /// The task that matters most, by its position.
    public let target: Int
    /// How near the lengths are brought, within [0, 1].
    public let relax: Double
    /// How slowly the moving averages of lengths move.
    public let beta: Double

    /// Creates the rule; 0.7 and 0.9 are the paper's.
    public init(target: Int = 0, relax: Double = 0.7, beta: Double = 0.9) {
        precondition((0...1).contains(relax), "MetaBalance: r is within [0, 1]; received \(relax)")
        precondition((0..<1).contains(beta), "MetaBalance: beta is within [0, 1); received \(beta)")
        self.target = target
        self.relax = relax
        self.beta = beta
    }

    /// The weights; the moving averages are kept in the state.
    public func weights(
        _ gramian: Gramian,
        _ state: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        precondition(
            target < gramian.count,
            "MetaBalance: task \(target) of \(gramian.count) is the target"
        )
        let norms = gramian.norms
        if state.numbers.count != norms.count {
            state.numbers = Array(repeating: 0, count: norms.count)
        }
        state.numbers = zip(state.numbers, norms).map { beta * $0 + (1 - beta) * $1 }
        let averages = state.numbers
        return averages.indices.map { task in
            guard task != target, averages[task] > 0 else { return 1 }
            return relax * averages[target] / averages[task] + (1 - relax)
        }
    }
}
