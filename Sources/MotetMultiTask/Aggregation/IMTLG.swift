public import MotetCore

/// Impartial learning: the combination whose projection onto every task's gradient is equally long.
///
/// `d . g_k / |g_k|` is the same for all tasks, and the weights add up to 1:
/// `w = v / sum v`, `v = G^+ (|g_1|, ..., |g_K|)`.
///
/// - Source: Liu et al., "Towards Impartial Multi-task Learning", ICLR 2021, section 3.2 (IMTL-G); with the
///   pseudoinverse as in Quinton and Rey, <https://arxiv.org/abs/2406.16232>, appendix, for gradients that
///   depend on each other.
public struct IMTLG: GradientWeighting {
    /// `imtl_g`.
    public static let name = "imtl_g"

    /// Creates the rule.
    public init() {}

    /// Weights that add up to 1, or zeros where no combination has equal projections.
    public func weights(
        _ gramian: Gramian,
        _: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        guard let eigen = SymmetricEigen(gramian) else { return nil }
        let solved = eigen.pseudoinverse(gramian.norms)
        let sum = solved.reduce(0, +)
        let size = solved.reduce(0) { $0 + abs($1) }
        guard abs(sum) > 1e-12 * size else { return Array(repeating: 0, count: gramian.count) }
        return solved.map { $0 / sum }
    }
}
