import Foundation
import MotetCore

/// How often each price is the best of a demand drawn from a belief.
enum PriceShares {
    /// The shares without drawing, where no stock bounds sales.
    ///
    /// Demand's level is then a factor of all prices, and the best one follows from the elasticity `e` alone: the greatest of
    /// the lines `log m_j + e log p_j`, with `m_j` what a unit brings at price `p_j`. Their upper envelope cuts the elasticities
    /// into intervals, one for each price that is ever the best, and the share of a price is the probability of its interval
    /// under the belief's normal distribution, cut off above 0.
    ///
    /// - Parameters:
    ///   - prices: the prices, ascending.
    ///   - gains: what a unit brings at each.
    ///   - belief: what is believed of demand.
    /// - Returns: the shares, which add up to 1; nil where no price brings anything.
    static func exact(
        _ prices: [Money],
        gains: [Double],
        _ belief: DemandBelief
    ) -> [Double]? {
        var envelope: [(place: Int, slope: Double, height: Double, start: Double)] = []
        for (place, price) in prices.enumerated() where gains[place] > 0 {
            let (slope, height) = (log(price.units), log(gains[place]))
            var start = -Double.infinity
            while let last = envelope.last {
                start = (last.height - height) / (slope - last.slope)
                if start > last.start { break }
                envelope.removeLast()
                start = -.infinity
            }
            envelope.append((place, slope, height, start))
        }
        guard !envelope.isEmpty else { return nil }
        var shares = [Double](repeating: 0, count: prices.count)
        let deviation = belief.covariance.elasticity.squareRoot()
        func below(_ elasticity: Double) -> Double {
            erfc((belief.mean.y - elasticity) / (deviation * 2.0.squareRoot())) / 2
        }
        let whole = below(0)
        guard whole > 1e-290 else {
            // Nearly all of the belief is above 0: elasticity 0 is what is left of it.
            let place = envelope.last { $0.start <= 0 }?.place ?? envelope[0].place
            shares[place] = 1
            return shares
        }
        for (index, line) in envelope.enumerated() where line.start < 0 {
            let next = index + 1 < envelope.count ? min(envelope[index + 1].start, 0) : 0
            let least = line.start == -.infinity ? 0 : below(line.start)
            shares[line.place] = max(0, (below(next) - least) / whole)
        }
        let sum = shares.reduce(0, +)
        return sum > 0 ? shares.map { min($0 / sum, 1) } : nil
    }

    /// The shares among demands that are drawn, where a stock bounds sales.
    static func drawn(
        _ draws: Int,
        _ prices: [Money],
        gains: [Double],
        _ belief: DemandBelief,
        _ sales: SalesTable,
        nearest: [Int],
        _ generator: inout RandomKeyGenerator
    ) -> [Double] {
        let logarithms = prices.map { log($0.units / belief.reference.units) }
        var counts = [Int](repeating: 0, count: prices.count)
        for _ in 0..<draws {
            let drawn = belief.draw(&generator)
            var (best, greatest) = (nearest[0], -Double.infinity)
            // Of equal values the first, which is the price nearest to the present one.
            for place in nearest {
                let value = gains[place] * sales.expected(drawn.x + drawn.y * logarithms[place])
                if value > greatest { (best, greatest) = (place, value) }
            }
            counts[best] += 1
        }
        // Sums of parts would be above 1 by their rounding.
        return counts.map { Double($0) / Double(draws) }
    }
}

/// Mean sales of demands under one stock, looked up by the logarithm of mean demand.
struct SalesTable {
    private static let knots = 256
    private let stock: Double
    private let least: Double
    private let step: Double
    private let values: [Double]

    init(stock: Int) {
        let stock = max(stock, 0)
        self.stock = Double(stock)
        // Below, demand is nearly never greater than the stock; above, nearly always.
        let (low, high) = (log(max(Double(stock), 1)) - 8, log(Double(stock) + 1) + 4)
        let step = (high - low) / Double(Self.knots - 1)
        least = low
        self.step = step
        values = (0..<Self.knots).map {
            Sales.expected(mean: exp(low + step * Double($0)), stock: stock)
        }
    }

    /// Mean sales at the logarithm of mean demand, linear between the knots.
    func expected(_ logarithm: Double) -> Double {
        let place = (logarithm - least) / step
        if place <= 0 { return min(exp(logarithm), stock) }
        guard place < Double(Self.knots - 1) else { return stock }
        let index = Int(place)
        let share = place - Double(index)
        return values[index] * (1 - share) + values[index + 1] * share
    }
}
