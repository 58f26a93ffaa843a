import Foundation

/// The prices of a decision, with what its parts need of them.
struct PriceMenu {
    /// The prices, ascending.
    let prices: [Money]
    /// The price the item has.
    let present: Money
    /// The logarithm of each over the belief's reference.
    let logarithms: [Double]
    /// What a unit brings at each.
    let gains: [Double]
    /// The logarithms of what a unit brings; not a number where it brings nothing.
    let logarithmsOfGains: [Double]
    /// How the logarithm of what a unit brings rises with the logarithm of the price, at each price.
    let slopesOfGains: [Double]
    /// The price that is nearest to the present one, the lower of two.
    let nearest: Int
    /// Whether what a unit brings is a concave function of the logarithm of the price, in its own logarithm.
    let isConcave: Bool

    /// Gathers it.
    ///
    /// - Parameters:
    ///   - prices: at least one, ascending.
    ///   - present: the price the item has.
    ///   - objective: what prices are chosen for.
    ///   - belief: what is believed of demand.
    init(
        _ prices: [Money],
        present: Money,
        _ objective: PriceObjective,
        _ belief: DemandBelief
    ) {
        self.prices = prices
        self.present = present
        let reference = belief.reference.units
        logarithms = prices.map { log($0.units / reference) }
        gains = prices.map { objective.value(of: 1, at: $0) }
        logarithmsOfGains = gains.map { $0 > 0 ? log($0) : .nan }
        var (nearest, least) = (0, Int64.max)
        for (place, price) in prices.enumerated() {
            let distance = abs(price.micros - present.micros)
            if distance < least { (nearest, least) = (place, distance) }
        }
        self.nearest = nearest
        // log(p - c) is, but not with a cost below 0.
        isConcave = if case .margin(let cost) = objective { cost >= .zero } else { true }
        slopesOfGains =
            switch objective {
            case .margin: zip(prices, gains).map { $0.units / $1 }
            case .revenue: prices.map { _ in 1 }
            case .units: prices.map { _ in 0 }
            }
    }

    /// The first price at which a unit brings anything; nil where none does.
    ///
    /// What a unit brings rises with the price.
    var firstGain: Int? { gains.firstIndex { $0 > 0 } }

    /// The best price of a demand, among those from a place on.
    ///
    /// The logarithm of the value, `log m(p) + L(level + elasticity log p)`, is concave in the logarithm of the price, for `L` and `log m` are: it
    /// rises up to the best price and falls from there. So it is looked for by halving, by the slope `p m'(p) / m(p) + elasticity L'`. Of equal values, which are side by side, that of the price
    /// nearest to the present one is taken.
    ///
    /// - Parameters:
    ///   - first: the first price at which a unit brings anything.
    ///   - level: the logarithm of demand at the reference.
    ///   - elasticity: how it falls, 0 or less.
    ///   - sales: the sales under the stock.
    /// - Returns: the place of the price.
    func best(
        from first: Int,
        _ level: Double,
        _ elasticity: Double,
        _ sales: SalesCurve
    ) -> Int {
        func value(_ place: Int) -> Double {
            logarithmsOfGains[place] + sales(level + elasticity * logarithms[place])
        }
        guard isConcave else { return scanned(from: first, value) }
        func rise(_ place: Int) -> Double {
            slopesOfGains[place]
                + elasticity * sales.slope(level + elasticity * logarithms[place])
        }
        var (low, high) = (first, prices.count - 1)
        // A price at an end of what the rules allow is the best of many demands.
        if rise(high) > 0 { return high }
        if rise(low) > 0 {
            // Values rise up to `low`, and fall, or stay, from `low + count` on.
            var count = high - low
            while count > 1 {
                let half = count / 2
                low += rise(low + half) > 0 ? half : 0
                count -= half
            }
            high = low + 1
            if value(high) > value(low) { low = high }
        }
        // Only units are the same at several prices: at those that sell the whole stock.
        guard slopesOfGains[low] == 0, low < nearest else { return low }
        let greatest = value(low)
        high = nearest
        while low < high {
            let middle = (low + high + 1) / 2
            if value(middle) == greatest { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// The best price, by looking at all; of equal values that nearest to the present one.
    func scanned(from first: Int, _ value: (Int) -> Double) -> Int {
        var (best, greatest) = (first, -Double.infinity)
        for place in first..<prices.count {
            let own = value(place)
            guard own > greatest || own == greatest && isNearer(place, than: best) else {
                continue
            }
            (best, greatest) = (place, own)
        }
        return best
    }
}
