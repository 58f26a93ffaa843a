import Foundation

/// What a price is chosen for.
public enum PriceObjective: Hashable, Sendable {
    /// Units times price less cost.
    case margin(cost: Money)
    /// Units times price.
    case revenue
    /// Units.
    case units

    /// The value of selling units at a price, in the currency or in units.
    func value(of units: Double, at price: Money) -> Double {
        switch self {
        case .margin(let cost): units * (price.units - cost.units)
        case .revenue: units * price.units
        case .units: units
        }
    }
}

/// How many units are sold where no more than a stock can be.
enum Sales {
    /// The mean of `min(Q, stock)` for demand `Q` of the Poisson distribution.
    ///
    /// With `F` its distribution function, `mean F(stock - 2) + stock (1 - F(stock - 1))`.
    static func expected(mean: Double, stock: Int?) -> Double {
        guard let stock else { return mean }
        guard stock > 0, mean > 0 else { return 0 }
        guard mean.isFinite else { return Double(stock) }
        // Far below the stock nothing is lost, far above it all is sold: 12 standard deviations of the mean.
        if Double(stock) > mean + 12 * mean.squareRoot() + 12 { return mean }
        if Double(stock) < mean - 12 * mean.squareRoot() { return Double(stock) }
        // sum over q of P(Q = q) min(q, stock) = stock - sum over q < stock of P(Q = q) (stock - q); what lies twelve standard
        // deviations below the mean is nothing.
        let first = max(0, Int(mean - 12 * mean.squareRoot() - 1))
        guard first < stock else { return Double(stock) }
        var probability = exp(Double(first) * log(mean) - mean - lgamma(Double(first) + 1))
        var missing = 0.0
        for quantity in first..<stock {
            missing += probability * Double(stock - quantity)
            probability *= mean / Double(quantity + 1)
        }
        return min(Double(stock) - missing, mean)
    }
}
