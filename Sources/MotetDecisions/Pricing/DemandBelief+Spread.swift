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
        let (first, second) = (generator.nextUniform(), generator.nextUniform())
        for number in 0..<count {
            let share = (Double(number) + first) / Double(count)
            // Nearly all of the belief may be above 0: elasticity 0 is what is left of it then.
            let elasticity =
                whole > 1e-290
                ? min(mean.y + deviation * Normal.quantile(max(share, 0x1p-60) * whole), 0) : 0
            let other = second + Double(number) * 0.618_033_988_749_894_8
            let level = Normal.quantile(max(other - other.rounded(.down), 0x1p-60))
            body(mean.x + slope * (elasticity - mean.y) + rest * level, elasticity)
        }
    }
}
