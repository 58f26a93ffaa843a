import Foundation

/// How many units are sold where no more than a stock can be.
enum Sales {
    /// The greatest mean of demand whose sales are sums over all quantities.
    static let greatestSum = 10_000.0

    /// The mean of `min(Q, stock)` for demand `Q` of the Poisson distribution.
    static func expected(mean: Double, stock: Int?) -> Double {
        guard let stock else { return mean }
        guard stock > 0, mean > 0 else { return 0 }
        guard mean.isFinite else { return Double(stock) }
        // Far below the stock nothing is lost, far above it all is sold: 12 standard deviations of the mean.
        if Double(stock) > mean + 12 * mean.squareRoot() + 12 { return mean }
        if Double(stock) < mean - 12 * mean.squareRoot() { return Double(stock) }
        return min(Double(stock) - missing(mean: mean, stock: stock).units, mean)
    }

    /// What is missing from a stock's being sold: the mean of `max(stock - Q, 0)`, and how probable it is that some is.
    ///
    /// `sum over q < stock of P(Q = q) (stock - q)`, and the sum of the probabilities alone.
    ///
    /// - Cost: at most `stock` terms, and at most about 25 standard deviations of demand; one formula above a mean of 10,000.
    ///
    /// - Parameters:
    ///   - mean: the mean of demand, more than 0, not further from the stock than 12 standard deviations, or below it.
    ///   - stock: at least 1.
    /// - Returns: the units, and the probability.
    static func missing(mean: Double, stock: Int) -> (units: Double, probability: Double) {
        if mean > greatestSum { return missingOfMany(mean: mean, stock: stock) }
        var (units, sum) = (0.0, 0.0)
        if stock <= 64, mean < 600 {
            var probability = exp(-mean)
            for quantity in 0..<stock {
                sum += probability
                units += probability * Double(stock - quantity)
                probability *= mean / Double(quantity + 1)
            }
            return (units, min(sum, 1))
        }
        // From the greatest quantity downwards, as multiples of its probability.
        let greatest = Double(stock - 1)
        let logarithm = greatest * log(mean) - mean - lgamma(greatest + 1)
        let inverse = 1 / mean
        var (quantity, share) = (greatest, 1.0)
        while quantity >= 0 {
            sum += share
            units += share * (Double(stock) - quantity)
            // Below the mean terms fall ever faster.
            if quantity < mean, share < 1e-18 * sum { break }
            share *= quantity * inverse
            quantity -= 1
        }
        let probability = exp(logarithm)
        return (units * probability, min(sum * probability, 1))
    }

    /// The same of so many units that the normal distribution holds, with its first correction, for skewness.
    ///
    /// With `z = (stock - mean) / deviation`, `F(z) = Phi(z) - (z^2 - 1) phi(z) / (6 deviation)`, whose integral is
    /// `z Phi(z) + phi(z) + z phi(z) / (6 deviation)`: the units, over the deviation. What is left out is of the order of `1 / mean` of a unit.
    ///
    /// - Source: Kolassa, "Series Approximation Methods in Statistics", 3rd edition, 2006, chapter 3 (Edgeworth series).
    private static func missingOfMany(
        mean: Double,
        stock: Int
    ) -> (units: Double, probability: Double) {
        let deviation = mean.squareRoot()
        let z = (Double(stock) - mean) / deviation
        let density = Normal.density(z)
        let units = deviation * (z * Normal.below(z) + density) + z * density / 6
        // Quantities are whole: those up to `stock - 1` are below `stock - 1 / 2`.
        let half = (Double(stock) - 0.5 - mean) / deviation
        let skew = (half * half - 1) * Normal.density(half) / (6 * deviation)
        return (max(units, 0), min(max(Normal.below(half) - skew, 0), 1))
    }
}
