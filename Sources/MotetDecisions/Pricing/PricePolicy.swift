public import MotetCore

/// A price that was chosen, and what else could have been.
public struct PriceDecision: Hashable, Sendable {
    /// A price that was allowed.
    public struct Option: Hashable, Sendable {
        /// The price.
        public let price: Money
        /// The units a period expected at it, no more than the stock.
        public let units: Double
        /// The objective expected of it.
        public let value: Double
        /// The probability with which it was to be chosen.
        public let propensity: Double
    }

    /// Why the price is what it is.
    public enum Reason: String, Hashable, Sendable {
        /// The best of those allowed, as far as is known.
        case best
        /// Drawn with its propensity.
        case explored
        /// No other price is allowed after the present one.
        case kept
    }

    /// The price.
    public let price: Money
    /// The probability with which it was to be chosen; to be logged with what came of it.
    public let propensity: Double
    /// Why it is.
    public let reason: Reason
    /// All prices that were allowed, ascending; none if the price was kept.
    public let options: [Option]
}

/// Chooses the prices of items.
public struct PricePolicy: Hashable, Sendable {
    /// How sure a price has to be of being the best.
    public enum Exploration: Hashable, Sendable {
        /// The best price at the mean of the belief.
        case none
        /// Each price as often as it is the best of a demand drawn from the belief (Thompson sampling).
        ///
        /// Where no stock bounds sales the propensities are computed without drawing (`PriceShares.exact`); else the propensity
        /// of a price is the share of `draws` demands it is the best for. The price is then drawn with these propensities, so
        /// that those that are logged are exact.
        ///
        /// - Source: Thompson, "On the Likelihood that One Unknown Probability Exceeds Another in View of the Evidence of
        ///   Two Samples", Biometrika 25, 1933.
        case thompson(draws: Int = 500)
    }

    /// What prices are chosen for.
    public let objective: PriceObjective
    /// How they are explored.
    public let exploration: Exploration

    /// Describes a policy.
    ///
    /// - Parameters:
    ///   - objective: what prices are chosen for.
    ///   - exploration: how they are explored.
    /// - Throws: `DecisionError` for a number of draws out of range, 1 to 1,000,000.
    public init(
        _ objective: PriceObjective,
        exploration: Exploration = .thompson()
    ) throws(DecisionError) {
        if case .thompson(let draws) = exploration, !(1...1_000_000 ~= draws) {
            throw DecisionError(
                .pricing,
                "price policy: 'draws' is out of range; expected 1 to 1000000; received \(draws)."
            )
        }
        self.objective = objective
        self.exploration = exploration
    }

    /// Chooses the next price of an item.
    ///
    /// - Parameters:
    ///   - present: the price it has.
    ///   - belief: what is believed of its demand.
    ///   - rules: which prices it may have.
    ///   - stock: the units that can be sold in a period; nil for any number.
    ///   - most: the most prices that are looked at, evenly chosen where the rules allow more; nil for all.
    ///   - key: makes the draws; the same key makes the same decision.
    /// - Returns: the price, with its propensity.
    public func decide(
        present: Money,
        _ belief: DemandBelief,
        _ rules: PriceRules,
        stock: Int? = nil,
        most: Int? = nil,
        key: RandomKey
    ) -> PriceDecision {
        let prices =
            most.map { rules.prices(after: present, most: $0) } ?? rules.prices(after: present)
        guard !prices.isEmpty else {
            return PriceDecision(price: present, propensity: 1, reason: .kept, options: [])
        }
        func value(_ price: Money, _ units: Double) -> Double {
            objective.value(of: Sales.expected(mean: units, stock: stock), at: price)
        }
        func best(_ values: [Double]) -> Int {
            // Of equal values the price nearest to the present one: nobody changes a price for nothing.
            values.indices.max { left, right in
                let distances = (
                    abs(prices[left].micros - present.micros),
                    abs(prices[right].micros - present.micros)
                )
                return (values[left], distances.1, right) < (values[right], distances.0, left)
            } ?? 0
        }
        let units = prices.map { belief.units(at: $0) }
        let values = zip(prices, units).map(value)
        var propensities = [Double](repeating: 0, count: prices.count)
        var chosen = best(values)
        switch exploration {
        case .none: propensities[chosen] = 1
        case .thompson(let draws):
            var generator = key.generator()
            propensities = shares(prices, present, belief, stock, draws, &generator)
            chosen = Self.choose(propensities, generator.nextUniform())
        }
        let options = prices.indices.map { place in
            PriceDecision.Option(
                price: prices[place],
                units: Sales.expected(mean: units[place], stock: stock),
                value: values[place],
                propensity: propensities[place]
            )
        }
        return PriceDecision(
            price: prices[chosen],
            propensity: propensities[chosen],
            reason: exploration == .none ? .best : .explored,
            options: options
        )
    }

    /// How often each price is the best, exactly where no stock bounds sales.
    private func shares(
        _ prices: [Money],
        _ present: Money,
        _ belief: DemandBelief,
        _ stock: Int?,
        _ draws: Int,
        _ generator: inout RandomKeyGenerator
    ) -> [Double] {
        let gains = prices.map { objective.value(of: 1, at: $0) }
        let nearest = prices.indices.sorted {
            let distances = (
                abs(prices[$0].micros - present.micros), abs(prices[$1].micros - present.micros)
            )
            return (distances.0, $0) < (distances.1, $1)
        }
        let isBound = stock.map { belief.mayExceed($0, at: prices[0]) } ?? false
        if !isBound, let shares = PriceShares.exact(prices, gains: gains, belief) { return shares }
        return PriceShares.drawn(
            draws,
            prices,
            gains: gains,
            belief,
            SalesTable(stock: isBound ? stock ?? Int(Int32.max) : Int(Int32.max)),
            nearest: nearest,
            &generator
        )
    }

    /// The place where the propensities add up to a number from 0 to 1; never one without any.
    private static func choose(_ propensities: [Double], _ number: Double) -> Int {
        var sum = 0.0
        var last = 0
        for (place, propensity) in propensities.enumerated() where propensity > 0 {
            sum += propensity
            last = place
            if number < sum { return place }
        }
        return last
    }
}
