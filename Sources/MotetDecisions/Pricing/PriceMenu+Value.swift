extension PriceMenu {
    /// The units expected at a price at the mean of a belief, no more than the stock.
    func units(_ place: Int, _ belief: DemandBelief, stock: Int?) -> Double {
        Sales.expected(mean: belief.units(atLogarithm: logarithms[place]), stock: stock)
    }

    /// The price that is worth most at the mean of a belief; of equal ones that nearest to the present one.
    ///
    /// With a curve of sales it is not looked for among all prices: values rise up to the best one and fall from there (see `best`), so
    /// that it is the one from which neither neighbour is worth more, and the best one of the curve is near it or is it. Of prices whose
    /// values are the same but for rounding any may be found.
    ///
    /// - Parameters:
    ///   - belief: what is believed of demand.
    ///   - stock: the units that can be sold; nil for any number.
    ///   - curve: the sales under the stock, where it may bind; nil to look at all prices.
    /// - Returns: the place of the price.
    func mostValuable(_ belief: DemandBelief, stock: Int?, _ curve: SalesCurve?) -> Int {
        func value(_ place: Int) -> Double { units(place, belief, stock: stock) * gains[place] }
        // Units fall with the price or are the same at several; sales of many have an error with a step in it.
        guard let curve, let first = firstGain, isConcave, slopesOfGains[first] > 0,
            belief.units(atLogarithm: logarithms[first]) <= Sales.greatestSum
        else { return scanned(from: 0, value) }
        let demand = belief.likeliest
        var best = best(from: first, demand.x, demand.y, curve)
        var greatest = value(best)
        guard greatest > 0 else { return scanned(from: 0, value) }
        for step in [1, -1] {
            var next = best + step
            while next >= first, next < prices.count {
                let own = value(next)
                guard own > greatest || own == greatest && isNearer(next, than: best) else { break }
                (best, greatest) = (next, own)
                next += step
            }
        }
        return best
    }

    /// Whether a price is nearer to the present one than another.
    func isNearer(_ place: Int, than other: Int) -> Bool {
        abs(prices[place].micros - present.micros) < abs(prices[other].micros - present.micros)
    }
}
