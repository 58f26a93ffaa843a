/// How good forecasts were, once what happened is known.
public struct ForecastScores: Hashable, Sendable {
    /// A forecast and what happened.
    public struct Outcome: Hashable, Sendable {
        /// What happened.
        public var actual: Double
        /// What was expected.
        public var mean: Double
        /// The quantiles; nil where only the mean was forecast.
        public var quantiles: ForecastQuantiles?

        /// Creates an outcome.
        public init(actual: Double, mean: Double, quantiles: ForecastQuantiles? = nil) {
            self.actual = actual
            self.mean = mean
            self.quantiles = quantiles
        }
    }

    /// The number of forecasts.
    public let count: Int
    /// The sum of absolute errors over the sum of what happened.
    public let wape: Double
    /// The sum of errors over the sum of what happened: above 0 where too much was expected.
    public let bias: Double
    /// For each level the share of forecasts with quantiles where no more happened than the quantile.
    public let coverage: [Double: Double]
    /// For each level the mean pinball loss `max(l (y - q), (l - 1) (y - q))` of forecasts with quantiles.
    public let pinball: [Double: Double]

    /// Scores forecasts.
    ///
    /// - Parameter outcomes: at least one, of which something happened.
    /// - Throws: ``ForecastError`` where nothing happened or a number is not finite: WAPE has no value then.
    public init(_ outcomes: [Outcome]) throws(ForecastError) {
        let sum = outcomes.reduce(0) { $0 + $1.actual }
        let errors = outcomes.reduce(0) { $0 + abs($1.actual - $1.mean) }
        guard sum > 0, sum.isFinite, errors.isFinite, outcomes.allSatisfy({ $0.actual >= 0 }) else {
            throw ForecastError(
                .forecastScores,
                "forecast scores: WAPE has no value; expected demands of at least 0, not all 0, and finite forecasts; "
                    + "received \(outcomes.count) forecasts of \(sum) in all."
            )
        }
        count = outcomes.count
        wape = errors / sum
        bias = outcomes.reduce(0) { $0 + $1.mean - $1.actual } / sum
        var (counts, covered, losses): ([Double: Int], [Double: Int], [Double: Double]) = (
            [:], [:], [:]
        )
        for outcome in outcomes {
            guard let quantiles = outcome.quantiles else { continue }
            for (level, value) in zip(quantiles.levels, quantiles.values) {
                let error = outcome.actual - value
                counts[level, default: 0] += 1
                if error <= 0 { covered[level, default: 0] += 1 }
                losses[level, default: 0] += max(level * error, (level - 1) * error)
            }
        }
        coverage = counts.reduce(into: [:]) {
            $0[$1.key] = Double(covered[$1.key] ?? 0) / Double($1.value)
        }
        pinball = counts.reduce(into: [:]) { $0[$1.key] = (losses[$1.key] ?? 0) / Double($1.value) }
    }
}
