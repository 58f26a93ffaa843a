import Foundation

/// A distribution of a demand that goes through given quantiles.
///
/// Between two levels the quantile function is straight. Below the first it falls straight to 0 at the level 0. Above the last
/// demand is exponential, with the rate that leads through the last two quantiles (the first two where there is one only, with
/// 0 at the level 0).
public struct DemandDistribution: Hashable, Sendable {
    /// Where the quantile function bends, the first at the level 0.
    private let levels: [Double]
    private let values: [Double]
    /// The mean excess over the last quantile of what is above it.
    private let tail: Double

    /// The distribution through quantiles.
    public init(_ quantiles: ForecastQuantiles) {
        levels = [0] + quantiles.levels
        values = [0] + quantiles.values
        let last = levels.count - 1
        tail =
            (values[last] - values[last - 1])
            / log((1 - levels[last - 1]) / (1 - levels[last]))
    }

    /// The quantile of a level.
    ///
    /// - Parameter level: from 0 to below 1.
    /// - Returns: the demand that is not exceeded in that share of times.
    public func quantile(_ level: Double) -> Double {
        precondition(level >= 0 && level < 1, "DemandDistribution: the level \(level) is none.")
        let last = levels.count - 1
        if level >= levels[last] {
            return values[last] + tail * log((1 - levels[last]) / (1 - level))
        }
        let upper = levels.firstIndex { $0 > level } ?? last
        let share = (level - levels[upper - 1]) / (levels[upper] - levels[upper - 1])
        return values[upper - 1] + share * (values[upper] - values[upper - 1])
    }

    /// The expected demand.
    public var mean: Double { shortage(0) }

    /// The expected demand above a stock: the integral of `max(Q(u) - stock, 0)` over all levels `u`.
    public func shortage(_ stock: Double) -> Double {
        let last = levels.count - 1
        var sum = 0.0
        for upper in 1...last {
            let (low, high) = (values[upper - 1] - stock, values[upper] - stock)
            let width = levels[upper] - levels[upper - 1]
            guard high > 0 else { continue }
            sum += low >= 0 ? width * (low + high) / 2 : width * high * high / (high - low) / 2
        }
        let above = 1 - levels[last]
        let excess = stock - values[last]
        if excess <= 0 { return sum + above * (tail - excess) }
        return tail > 0 ? above * tail * exp(-excess / tail) : 0
    }

    /// The expected stock that is left over: `stock - mean + shortage(stock)`.
    public func surplus(_ stock: Double) -> Double { max(0, stock - mean + shortage(stock)) }
}
