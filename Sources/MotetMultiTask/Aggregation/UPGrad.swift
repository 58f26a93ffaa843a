public import MotetCore

/// Unconflicting projection of gradients: each gradient is moved to the nearest direction that opposes no task.
///
/// `d = 1/K sum_k P(g_k)`, where `P` projects onto `{u : u . g_j >= 0 for all j}`. In the Gramian: for each
/// task *k*, `min v G v` over `v >= e_k`.
///
/// - Source: Quinton and Rey, "Jacobian Descent for Multi-Objective Optimization", 2024, section 3 and
///   proposition 1. <https://arxiv.org/abs/2406.16232>
public struct UPGrad: GradientWeighting {
    /// `upgrad`.
    public static let name = "upgrad"
    /// Added to the diagonal of the Gramian of gradients of length 1.
    public let ridge: Double

    /// Creates the rule.
    public init(ridge: Double = 1e-12) {
        precondition(ridge > 0, "UPGrad: the ridge is above 0; received \(ridge)")
        self.ridge = ridge
    }

    /// The means of the projections' coefficients.
    public func weights(
        _ gramian: Gramian,
        _: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        let count = gramian.count
        guard gramian.scale > 0 else { return MGDA.equal(count) }
        // In the unknowns `v_k |g_k|`, so that short gradients are solved for as exactly as long ones.
        let units = gramian.unitFactors
        var matrix = gramian.scaled(by: units).values
        for index in 0..<count { matrix[index * count + index] += ridge }
        let rows = UnitVectors.all(count)
        var total = [Double](repeating: 0, count: count)
        for task in 0..<count {
            let program = QuadraticProgram(
                hessian: matrix,
                linear: Array(repeating: 0, count: count),
                constraints: rows,
                bounds: rows[task]
            )
            guard let coefficients = try? program.solution() else { return nil }
            // `P(g_k)` is `|g_k|` times the projection of the gradient of length 1.
            for index in total.indices {
                total[index] += coefficients[index] * units[index] / (units[task] * Double(count))
            }
        }
        return total
    }
}
