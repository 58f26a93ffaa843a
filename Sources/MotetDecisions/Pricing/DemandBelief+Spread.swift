import Foundation
import MotetCore

extension DemandBelief {
    /// Demands spread evenly over the belief: each as probable as the belief makes it, but no two of them alike by chance.
    ///
    /// The shares of elasticity and level that lie below a demand's are the points of a lattice, `(i + s) / n` and the fractions of
    /// `i / golden ratio + t`. The shifts `s` and `t` are drawn, so that each demand has the belief's distribution, and a mean over the demands
    /// has the mean that it has over the belief; it strays from it much less than that of independent draws.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - generator: draws the shifts.
    ///   - body: is given the level and the elasticity of each.
    /// - Source: Cranley and Patterson, "Randomization of Number Theoretic Methods for Multiple Integration", SIAM Journal on Numerical
    ///   Analysis 13(6), 1976. <https://doi.org/10.1137/0713071>
    func spread(
        _ count: Int,
        _ generator: inout RandomKeyGenerator,
        _ body: (_ level: Double, _ elasticity: Double) -> Void
    ) {
        let deviation = covariance.elasticity.squareRoot()
        let slope = covariance.between / covariance.elasticity
        // The level has this deviation once the elasticity is known.
        let rest = max(covariance.level - slope * covariance.between, 0).squareRoot()
        // The share of the belief that is not cut off.
        let whole = Normal.below(-mean.y / deviation)
        // Shares have a quantile where they are more than 0 and less than 1.
        let first = min(max(generator.nextUniform(), 0x1p-60), 1 - Double(count) * 0x1p-51)
        let second = generator.next()
        let each = SIMD4<Double>(0, 1, 2, 3)
        for start in stride(from: 0, to: count, by: 4) {
            // Four at a time; numbers beyond the last are computed with the others, and left out.
            let numbers = each + Double(start)
            let shares = (numbers + first) / Double(count) * whole
            // Nearly all of the belief may be above 0: elasticity 0 is what is left of it then.
            let elasticities =
                whole > 1e-290 ? mean.y + deviation * Normal.quantiles(shares) : .zero
            var others = SIMD4<Double>()
            for lane in 0..<4 {
                // The golden ratio in 64 bits, whose sums lose what is whole.
                let bits = second &+ UInt64(start + lane) &* 0x9E37_79B9_7F4A_7C15
                others[lane] = (Double(bits >> 12) + 0.5) * 0x1p-52
            }
            let levels = Normal.quantiles(others)
            for lane in 0..<min(4, count - start) {
                let elasticity = min(elasticities[lane], 0)
                let level = mean.x + slope * (elasticity - mean.y) + rest * levels[lane]
                body(level, elasticity)
            }
        }
    }
}
