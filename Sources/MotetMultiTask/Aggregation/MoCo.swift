public import MotetCore

/// Multi-objective gradient with correction: weights that follow MGDA's slowly, on smoothed gradients.
///
/// `w <- P(w - gamma (G + rho I) w)`, with `P` the projection onto the simplex and `G` the Gramian of the
/// gradients' moving averages `y_k <- y_k - beta (y_k - g_k)`. The weights begin equal. Which gradients the
/// Gramian is of, is the caller's affair.
///
/// - Source: Fernando et al., "Mitigating Gradient Bias in Multi-objective Learning: A Provably Convergent
///   Approach", ICLR 2023, algorithm 1. <https://openreview.net/forum?id=dLAYGdKTi2>
public struct MoCo: GradientWeighting {
    /// `moco`.
    public static let name = "moco"
    /// The step of the weights.
    public let gamma: Double
    /// The regularisation of the weights.
    public let rho: Double

    /// Creates the rule.
    public init(gamma: Double = 0.1, rho: Double = 0) {
        precondition(gamma > 0 && rho >= 0, "MoCo: gamma is above 0 and rho at least 0")
        self.gamma = gamma
        self.rho = rho
    }

    /// The weights after one step; they are kept in the state.
    public func weights(
        _ gramian: Gramian,
        _ state: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        if state.numbers.count != gramian.count { state.numbers = MGDA.equal(gramian.count) }
        let slopes = gramian.products(with: state.numbers)
        state.numbers = SimplexProgram.projection(
            zip(state.numbers, slopes).map { $0 - gamma * ($1 + rho * $0) }
        )
        return state.numbers
    }
}
