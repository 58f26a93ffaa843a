public import MotetCore

/// DB-MTL, dual balancing: gradients of the logarithms of the losses, each as long as the longest.
///
/// `d = sum_k (max_j |h_j| / |h_k|) h_k`, where `h_k` follows `g_k / L_k`, the gradient of `log L_k`:
/// `h_k <- beta h_k + (1 - beta) g_k / L_k`. Which gradients the Gramian is of, is the caller's affair.
///
/// - Source: Lin et al., "Dual-Balancing for Multi-Task Learning", 2023, eq. 2-4 and algorithm 1.
///   <https://arxiv.org/abs/2308.12029>
public struct DualBalancing: GradientWeighting {
    /// `db_mtl`.
    public static let name = "db_mtl"

    /// Creates the rule.
    public init() {}

    /// `max_j |h_j| / |h_k|`; 0 for a task without a gradient.
    public func weights(
        _ gramian: Gramian,
        _: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        let norms = gramian.norms
        let longest = norms.max() ?? 0
        return norms.map { $0 > 0 ? longest / $0 : 0 }
    }
}
