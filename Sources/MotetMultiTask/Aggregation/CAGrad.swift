public import MotetCore

/// Conflict-averse gradient descent: near the mean gradient, the direction that helps the worst task most.
///
/// With the mean gradient `g_0` and `g_w = sum_k w_k g_k`: `min g_w . g_0 + c |g_0| |g_w|` over the simplex;
/// the direction is `g_0 + (c |g_0| / |g_w|) g_w`. At `c = 0` it is the mean. Where `g_w` is zero, as with a task
/// without a gradient, no direction helps all tasks; of those that harm none it is the nearest to the mean.
///
/// - Source: Liu et al., "Conflict-Averse Gradient Descent for Multi-task Learning", NeurIPS 2021,
///   algorithm 1. <https://arxiv.org/abs/2110.14048>
/// - Departures: for a fixed length `t` of `g_w` the problem is a quadratic program, solved exactly; `t` is
///   found by bisection, as `|g_w(t)| - t` changes its sign once.
public struct CAGrad: GradientWeighting {
    /// `cagrad`.
    public static let name = "cagrad"
    /// The radius around the mean gradient, as a share of its length.
    public let c: Double

    /// Creates the rule.
    ///
    /// - Parameter c: at least 0; below 1 training converges to a minimum of the mean loss.
    public init(c: Double = 0.5) {
        precondition(c >= 0, "CAGrad: c is at least 0; received \(c)")
        self.c = c
    }

    /// `1 / K + (c |g_0| / |g_w|) w_k`.
    public func weights(
        _ gramian: Gramian,
        _: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        let equal = MGDA.equal(gramian.count)
        let meanLength = gramian.squaredNorm(of: equal).squareRoot()
        guard meanLength > 0, c > 0 else { return equal }
        let (linear, pull) = (gramian.products(with: equal), c * meanLength)
        // |g_w| is at most the greatest length. Below `least` it counts as zero.
        var upper = gramian.norms.max() ?? 0
        let least = 1e-9 * upper
        var lower = least
        var best: (weights: [Double], length: Double)?
        for _ in 0..<100 where upper > lower * (1 + 1e-15) {
            let middle = (lower * upper).squareRoot()
            let factors = Array(repeating: (pull / middle).squareRoot(), count: gramian.count)
            guard
                let found = SimplexProgram.minimum(gramian.scaled(by: factors), linear: linear)
            else { return nil }
            let length = gramian.squaredNorm(of: found).squareRoot()
            best = (found, length)
            if length > middle { lower = middle } else { upper = middle }
        }
        guard let best, best.length > 2 * least else {
            return CAGrad.harmless(gramian, from: equal)
        }
        return zip(equal, best.weights).map { $0 + pull / best.length * $1 }
    }

    /// The weights `v >= start` of least `v G v`: the projection of a direction onto those that oppose no task.
    private static func harmless(_ gramian: Gramian, from start: [Double]) -> [Double]? {
        // In the unknowns `v_k |g_k|`, as in `UPGrad`.
        let units = gramian.unitFactors
        var matrix = gramian.scaled(by: units).values
        for index in start.indices {
            matrix[index * start.count + index] += SimplexProgram.ridge
        }
        let program = QuadraticProgram(
            hessian: matrix,
            linear: Array(repeating: 0, count: start.count),
            constraints: UnitVectors.all(start.count),
            bounds: zip(start, units).map { $0 / $1 }
        )
        guard let solved = try? program.solution() else { return nil }
        return zip(solved, units).map { $0 * $1 }
    }
}
