import Foundation
import MotetCore

@testable import MotetDecisions

/// The slow ways to what prices are chosen by: sums over all quantities, independent draws, looks at all prices.
enum PricingOracle {
    /// The mean of `min(Q, stock)`, added up over all quantities that have any probability.
    static func sales(mean: Double, stock: Int) -> Double {
        guard mean > 0 else { return 0 }
        let reach = 40 * mean.squareRoot() + 60
        var sum = 0.0
        for quantity in max(0, Int(mean - reach))...Int(mean + reach) {
            let count = Double(quantity)
            sum += exp(count * log(mean) - mean - lgamma(count + 1)) * min(count, Double(stock))
        }
        return sum
    }

    /// The value of each price of a menu at a demand.
    static func values(
        _ menu: PriceMenu,
        _ level: Double,
        _ elasticity: Double,
        stock: Int
    ) -> [Double] {
        zip(menu.gains, menu.logarithms).map { gain, logarithm in
            gain * sales(mean: exp(level + elasticity * logarithm), stock: stock)
        }
    }

    /// The place of the greatest value; of equal ones the nearest to the present price.
    static func best(_ values: [Double], _ menu: PriceMenu) -> Int {
        let greatest = values.max() ?? 0
        return values.indices.filter { values[$0] == greatest }
            .min {
                abs(menu.prices[$0].micros - menu.present.micros)
                    < abs(menu.prices[$1].micros - menu.present.micros)
            } ?? 0
    }
}

extension DemandBelief {
    /// A level and an elasticity as probable as the belief makes them, drawn by itself.
    func drawnAlone(_ generator: inout RandomKeyGenerator) -> SIMD2<Double> {
        let deviation = covariance.level.squareRoot()
        let slope = covariance.between / deviation
        let rest = max(covariance.elasticity - slope * slope, 0).squareRoot()
        while true {
            let (first, second) = (generator.nextNormal(), generator.nextNormal())
            let drawn = mean + SIMD2(deviation * first, slope * first + rest * second)
            // Cut off by drawing again.
            if drawn.y <= 0 { return drawn }
        }
    }

    /// The demands of `spread`.
    func demands(_ count: Int, seed: UInt64) -> [SIMD2<Double>] {
        var generator = RandomKey(seed: seed).generator()
        var demands: [SIMD2<Double>] = []
        spread(count, &generator) { demands.append(SIMD2($0, $1)) }
        return demands
    }
}
