public import MotetCore

/// Conflict-free inverse gradients: the direction with the same angle to every task's gradient.
///
/// With `u_k = g_k / |g_k|` and `U` their matrix: `v = U^+ 1`, `d = (sum_k g_k . v / |v|) v / |v|`.
///
/// - Source: Liu, Chu and Thuerey, "ConFIG: Towards Conflict-free Training of Physics Informed Neural
///   Networks", ICLR 2025, eq. 2-3. <https://arxiv.org/abs/2408.11104>
public struct ConFIG: GradientWeighting {
    /// `config`.
    public static let name = "config"

    /// Creates the rule.
    public init() {}

    /// The weights of `d`; a task without a gradient has none.
    public func weights(
        _ gramian: Gramian,
        _: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        let inverse = gramian.norms.map { $0 > 0 ? 1 / $0 : 0 }
        guard let eigen = SymmetricEigen(gramian.scaled(by: inverse)) else { return nil }
        let alike = inverse.map { $0 > 0 ? 1.0 : 0 }
        let direction = zip(eigen.pseudoinverse(alike), inverse).map { $0 * $1 }
        let squared = gramian.squaredNorm(of: direction)
        guard squared > 0 else { return Array(repeating: 0, count: gramian.count) }
        let length = gramian.products(with: direction).reduce(0, +)
        return direction.map { $0 * length / squared }
    }
}
