import Foundation

/// What is believed of an item's demand: units a period as a power of the price, how many and how sure.
///
/// `log q(p) = level + elasticity log(p / reference)`; level and elasticity have a normal distribution, cut off above an
/// elasticity of 0, so that demand never rises with the price.
public struct DemandBelief: Hashable, Sendable {
    /// The price at which demand is `exp(level)`.
    public let reference: Money
    /// The mean of level and elasticity, before the cut.
    public let mean: SIMD2<Double>
    /// Their covariance: the variances of level and elasticity, and between them.
    public let covariance: (level: Double, elasticity: Double, between: Double)

    /// States a belief.
    ///
    /// - Parameters:
    ///   - reference: the price at which demand is `exp(level)`; more than 0.
    ///   - level: the mean of the logarithm of units a period at that price.
    ///   - elasticity: the mean of the elasticity, 0 or less.
    ///   - levelDeviation: the standard deviation of the level; more than 0.
    ///   - elasticityDeviation: that of the elasticity; more than 0.
    /// - Throws: `DecisionError` for a number out of its range.
    public init(
        reference: Money,
        level: Double,
        elasticity: Double,
        levelDeviation: Double,
        elasticityDeviation: Double
    ) throws(DecisionError) {
        func check(
            _ name: String,
            _ isRight: Bool,
            _ range: String,
            _ value: Double
        ) throws(DecisionError) {
            guard !isRight else { return }
            throw DecisionError(
                .pricing,
                "demand: '\(name)' is out of range; expected \(range); received \(value)."
            )
        }
        func isDeviation(_ value: Double) -> Bool { value > 0 && value <= 1e3 }
        try check("reference", reference > .zero, "more than 0", reference.units)
        try check("level", abs(level) <= 50, "-50 to 50", level)
        try check("elasticity", -50...0 ~= elasticity, "-50 to 0", elasticity)
        let range = "more than 0 and at most 1000"
        try check("levelDeviation", isDeviation(levelDeviation), range, levelDeviation)
        try check(
            "elasticityDeviation",
            isDeviation(elasticityDeviation),
            range,
            elasticityDeviation
        )
        self.init(
            reference: reference,
            mean: SIMD2(level, elasticity),
            covariance: (
                levelDeviation * levelDeviation, elasticityDeviation * elasticityDeviation, 0
            )
        )
    }

    private init(
        reference: Money,
        mean: SIMD2<Double>,
        covariance: (level: Double, elasticity: Double, between: Double)
    ) {
        self.reference = reference
        self.mean = mean
        self.covariance = covariance
    }

    /// The units of a period expected at a price, at the mean of the belief.
    public func units(at price: Money) -> Double { units(at: price, likeliest) }

    /// The most probable level and elasticity of those that can be: the level follows where the elasticity is cut off at 0.
    var likeliest: SIMD2<Double> {
        guard mean.y > 0 else { return mean }
        return SIMD2(mean.x - covariance.between / covariance.elasticity * mean.y, 0)
    }

    /// The same at the logarithm of a price over the reference.
    func units(atLogarithm logarithm: Double) -> Double {
        let likeliest = likeliest
        return exp(likeliest.x + likeliest.y * logarithm)
    }

    func units(at price: Money, _ parameters: SIMD2<Double>) -> Double {
        exp(parameters.x + parameters.y * log(price.units / reference.units))
    }

    /// Whether demand at a price may be above a stock: within six standard deviations of the belief, twelve of the demand.
    func mayExceed(_ stock: Int, at price: Money) -> Bool {
        let logarithm = log(price.units / reference.units)
        let variance =
            covariance.level + logarithm * logarithm * covariance.elasticity
            + 2 * logarithm * covariance.between
        let most = exp(
            likeliest.x + likeliest.y * logarithm + 6 * max(variance, 0).squareRoot()
        )
        return Double(stock) <= most + 12 * most.squareRoot() + 12
    }

    /// The belief after periods in which an item was sold.
    ///
    /// Units have the Poisson distribution; the belief is the normal distribution at the most probable level and
    /// elasticity with the curvature there (Laplace's approximation), found by Newton's method.
    ///
    /// Prices must not have followed demand: where a price was raised because many were expected to buy, the elasticity
    /// found is too near 0, or above it. Prices that were drawn, as Thompson sampling does, are free of that.
    ///
    /// - Parameter periods: the price of each period, and the units sold.
    /// - Returns: the new belief.
    /// - Throws: `DecisionError` for a price of 0 or less or units below 0.
    public func learning(
        from periods: [(price: Money, units: Int)]
    ) throws(DecisionError) -> DemandBelief {
        for (number, period) in periods.enumerated() {
            guard period.price > .zero, period.units >= 0 else {
                throw DecisionError(
                    .pricing,
                    "period \(number + 1): no sale is like this; expected a price above 0 and at least 0 units; received "
                        + "\(period.price) and \(period.units)."
                )
            }
        }
        let prior = Precision(covariance)
        let logarithms = periods.map { log($0.price.units / reference.units) }
        var (at, curvature) = (mean, prior)
        for _ in 0..<100 {
            let difference = at - mean
            var gradient = SIMD2(
                -prior.level * difference.x - prior.between * difference.y,
                -prior.between * difference.x - prior.elasticity * difference.y
            )
            curvature = prior
            for (period, logarithm) in zip(periods, logarithms) {
                let expected = exp(min(at.x + at.y * logarithm, 50))
                let surprise = Double(period.units) - expected
                gradient += SIMD2(surprise, surprise * logarithm)
                curvature.add(expected, logarithm)
            }
            let step = curvature.solve(gradient)
            // The logarithm of the density is concave; steps of at most 2 keep far starts from leaping over.
            let length = max(abs(step.x), abs(step.y))
            at += length > 2 ? step * (2 / length) : step
            if length < 1e-12 { break }
        }
        return DemandBelief(reference: reference, mean: at, covariance: curvature.inverse)
    }

    /// Whether two beliefs are the same.
    public static func == (left: DemandBelief, right: DemandBelief) -> Bool {
        left.reference == right.reference && left.mean == right.mean
            && left.covariance == right.covariance
    }

    /// Puts the belief into a hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(reference)
        hasher.combine(mean)
        hasher.combine(covariance.level)
        hasher.combine(covariance.elasticity)
        hasher.combine(covariance.between)
    }
}

/// The inverse of a covariance.
private struct Precision {
    var level, elasticity, between: Double

    init(_ covariance: (level: Double, elasticity: Double, between: Double)) {
        (level, elasticity, between) = Self.inverse(covariance)
    }

    var inverse: (level: Double, elasticity: Double, between: Double) {
        Self.inverse((level, elasticity, between))
    }

    /// Adds what a period with an expected number of units says.
    mutating func add(_ expected: Double, _ logarithm: Double) {
        level += expected
        between += expected * logarithm
        elasticity += expected * logarithm * logarithm
    }

    func solve(_ right: SIMD2<Double>) -> SIMD2<Double> {
        let inverse = inverse
        return SIMD2(
            inverse.level * right.x + inverse.between * right.y,
            inverse.between * right.x + inverse.elasticity * right.y
        )
    }

    private static func inverse(
        _ matrix: (level: Double, elasticity: Double, between: Double)
    ) -> (level: Double, elasticity: Double, between: Double) {
        let determinant = matrix.level * matrix.elasticity - matrix.between * matrix.between
        return (
            matrix.elasticity / determinant, matrix.level / determinant,
            -matrix.between / determinant
        )
    }
}
