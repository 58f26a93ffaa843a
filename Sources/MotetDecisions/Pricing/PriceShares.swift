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
    ///   - menu: the prices.
    ///   - belief: what is believed of demand.
    /// - Returns: the shares, which add up to 1; nil where no price brings anything.
    static func exact(_ menu: PriceMenu, _ belief: DemandBelief) -> [Double]? {
        var envelope: [(place: Int, slope: Double, height: Double, start: Double)] = []
        envelope.reserveCapacity(menu.prices.count)
        for place in menu.prices.indices where menu.gains[place] > 0 {
            let (slope, height) = (menu.logarithms[place], menu.logarithmsOfGains[place])
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
        var shares = [Double](repeating: 0, count: menu.prices.count)
        let deviation = belief.covariance.elasticity.squareRoot()
        func below(_ elasticity: Double) -> Double {
            Normal.below((elasticity - belief.mean.y) / deviation)
        }
        let whole = below(0)
        guard whole > 1e-290 else {
            // Nearly all of the belief is above 0: elasticity 0 is what is left of it.
            let place = envelope.last { $0.start <= 0 }?.place ?? envelope[0].place
            shares[place] = 1
            return shares
        }
        var least = 0.0
        for (index, line) in envelope.enumerated() where line.start < 0 {
            let next = index + 1 < envelope.count ? min(envelope[index + 1].start, 0) : 0
            let most = next < 0 ? below(next) : whole
            shares[line.place] = max(0, (most - least) / whole)
            least = most
        }
        let sum = shares.reduce(0, +)
        return sum > 0 ? shares.map { min($0 / sum, 1) } : nil
    }

    /// The shares among demands that are spread over the belief, where a stock bounds sales.
    ///
    /// - Parameters:
    ///   - count: how many demands.
    ///   - menu: the prices.
    ///   - belief: what is believed of demand.
    ///   - stock: the units that can be sold.
    ///   - curve: the sales under the stock; nil to compute them.
    ///   - generator: draws where the demands lie.
    /// - Returns: the shares, which add up to 1.
    static func spread(
        _ count: Int,
        _ menu: PriceMenu,
        _ belief: DemandBelief,
        stock: Int,
        curve: SalesCurve? = nil,
        _ generator: inout RandomKeyGenerator
    ) -> [Double] {
        var counts = [Int](repeating: 0, count: menu.prices.count)
        if stock < 1 {
            // Nothing can be sold at any price.
            counts[menu.nearest] = count
        } else if let first = menu.firstGain {
            let sales = curve ?? SalesCurve(stock: stock)
            belief.spread(count, &generator) { level, elasticity in
                counts[menu.best(from: first, level, elasticity, sales)] += 1
            }
        } else {
            // The highest price loses least of each unit, and sells fewest.
            counts[menu.prices.count - 1] = count
        }
        // Sums of parts would be above 1 by their rounding.
        return counts.map { Double($0) / Double(count) }
    }
}
