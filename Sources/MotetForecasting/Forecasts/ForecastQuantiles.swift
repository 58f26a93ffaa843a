/// Quantiles of a demand, in order of their levels.
public struct ForecastQuantiles: Hashable, Sendable {
    /// The levels, rising, strictly between 0 and 1.
    public let levels: [Double]
    /// The quantiles, never falling, at least 0.
    public let values: [Double]

    /// Puts quantiles that a model predicted in order.
    ///
    /// Models of single quantiles may cross. The sorted values are never further from the true quantiles than the crossed
    /// ones.
    ///
    /// - Source: Chernozhukov, Fernández-Val and Galichon, "Quantile and Probability Curves Without Crossing",
    ///   Econometrica 78 (2010), proposition 4. <https://doi.org/10.3982/ECTA7880>
    ///
    /// - Parameters:
    ///   - levels: rising levels, strictly between 0 and 1.
    ///   - predicted: a finite number for each level; one below 0 counts as 0.
    /// - Throws: ``ForecastError`` for levels or numbers that are none.
    public init(levels: [Double], predicted: [Double]) throws(ForecastError) {
        guard !levels.isEmpty, levels.allSatisfy({ $0 > 0 && $0 < 1 }),
            zip(levels, levels.dropFirst()).allSatisfy({ $0 < $1 })
        else {
            throw ForecastError(
                .quantiles,
                "quantiles: the levels are in no order; expected rising numbers between 0 and 1; received \(levels)."
            )
        }
        guard predicted.count == levels.count,
            predicted.allSatisfy({ $0.isFinite && abs($0) <= 1e15 })
        else {
            throw ForecastError(
                .quantiles,
                "quantiles: not a number for each level; expected \(levels.count) finite numbers; received \(predicted)."
            )
        }
        self.levels = levels
        values = predicted.map { max(0, $0) }.sorted()
    }

    private init(_ levels: [Double], _ values: [Double]) {
        self.levels = levels
        self.values = values
    }

    /// The quantiles of a multiple of the demand.
    ///
    /// - Parameter factor: at least 0 and finite.
    /// - Returns: the quantiles, each times the factor.
    public func scaled(by factor: Double) -> ForecastQuantiles {
        precondition(
            factor >= 0 && factor.isFinite,
            "ForecastQuantiles: the factor \(factor) is none."
        )
        return ForecastQuantiles(levels, values.map { min($0 * factor, 1e15) })
    }

    /// The quantiles of the sum of the demands of several periods.
    ///
    /// With `m_t` the means and `d_t = q_t - m_t`, the quantile is `sum m_t ± sqrt(sum_s sum_t r_st d_s d_t)` with `r_tt = 1`
    /// and `r_st` the correlation: 1 adds the quantiles, 0 is of periods that have nothing to do with each other. Exact for
    /// normal demands; an approximation for others.
    ///
    /// - Parameters:
    ///   - periods: the mean and the quantiles of each period, all of the same levels.
    ///   - correlation: of the errors of different periods, from 0 to 1.
    /// - Returns: the quantiles, put in order.
    /// - Throws: ``ForecastError`` for no periods, levels that differ, or a correlation out of range.
    public static func ofSum(
        _ periods: [(mean: Double, quantiles: ForecastQuantiles)],
        correlation: Double
    ) throws(ForecastError) -> ForecastQuantiles {
        guard let levels = periods.first?.quantiles.levels,
            periods.allSatisfy({ $0.quantiles.levels == levels && $0.mean.isFinite }),
            (0...1).contains(correlation)
        else {
            throw ForecastError(
                .quantiles,
                "quantiles of a sum: no periods of the same levels; expected at least one, and a correlation from 0 to "
                    + "1; received \(periods.count) periods and \(correlation)."
            )
        }
        let mean = periods.reduce(0) { $0 + $1.mean }
        let sums = levels.indices.map { level in
            let deviations = periods.map { $0.quantiles.values[level] - $0.mean }
            let sum = deviations.reduce(0, +)
            let squares = deviations.reduce(0) { $0 + $1 * $1 }
            let variance = correlation * sum * sum + (1 - correlation) * squares
            return mean + (sum < 0 ? -1 : 1) * max(0, variance).squareRoot()
        }
        return try ForecastQuantiles(levels: levels, predicted: sums)
    }
}
