public import MotetCore

/// Multiple gradient descent: the shortest vector in the convex hull of the gradients.
///
/// `min |sum_k w_k g_k|^2` over `w >= 0`, `sum_k w_k = 1`. The direction lowers every task's loss, or is zero
/// where no direction does.
///
/// - Source: Désidéri, "Multiple-gradient descent algorithm (MGDA) for multiobjective optimization", Comptes
///   Rendus Mathematique 350, 2012, <https://doi.org/10.1016/j.crma.2012.03.014>; Sener and Koltun,
///   "Multi-Task Learning as Multi-Objective Optimization", NeurIPS 2018, eq. 3.
/// - Departures: the program is solved exactly instead of by steps of Frank and Wolfe.
public struct MGDA: GradientWeighting {
    /// `mgda`.
    public static let name = "mgda"

    /// Creates the rule.
    public init() {}

    /// The weights of the shortest vector.
    public func weights(
        _ gramian: Gramian,
        _: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        guard gramian.scale > 0 else { return MGDA.equal(gramian.count) }
        return SimplexProgram.minimum(
            gramian,
            linear: Array(repeating: 0, count: gramian.count)
        )
    }

    static func equal(_ count: Int) -> [Double] {
        Array(repeating: 1 / Double(count), count: count)
    }
}
