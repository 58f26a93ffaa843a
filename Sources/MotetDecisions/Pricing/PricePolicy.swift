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
        /// of a price is the share it is the best for of `draws` demands, which are spread evenly over the belief
        /// (`DemandBelief.spread`). The price is then drawn with these propensities, so that those that are logged are exact.
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
        guard
            let drawn = drawn(
                present: present,
                belief,
                rules,
                stock: stock,
                most: most,
                key: key,
                nil
            )
        else {
            return PriceDecision(price: present, propensity: 1, reason: .kept, options: [])
        }
        let prices = drawn.menu.prices
        let options = prices.indices.map { place in
            let units = drawn.menu.units(place, belief, stock: stock)
            return PriceDecision.Option(
                price: prices[place],
                units: units,
                value: objective.value(of: units, at: prices[place]),
                propensity: drawn.propensities[place]
            )
        }
        return PriceDecision(
            price: drawn.price,
            propensity: drawn.propensity,
            reason: exploration == .none ? .best : .explored,
            options: options
        )
    }

    /// A price that was drawn, and what it was drawn from.
    struct Drawn {
        /// The prices there were.
        let menu: PriceMenu
        /// The probability of each.
        let propensities: [Double]
        /// Which of them it is.
        let place: Int
        /// The sales under the stock, where it may bind.
        let curve: SalesCurve?

        var price: Money { menu.prices[place] }
        var propensity: Double { propensities[place] }
    }

    /// Draws a price, without telling what is expected of the others.
    ///
    /// - Parameters:
    ///   - present: the price the item has.
    ///   - belief: what is believed of its demand.
    ///   - rules: which prices it may have.
    ///   - stock: the units that can be sold in a period; nil for any number.
    ///   - most: the most prices that are looked at; nil for all.
    ///   - key: makes the draws.
    ///   - curves: what keeps curves of sales; nil to compute that of the stock.
    /// - Returns: the price; nil where none is allowed.
    func drawn(
        present: Money,
        _ belief: DemandBelief,
        _ rules: PriceRules,
        stock: Int?,
        most: Int?,
        key: RandomKey,
        _ curves: SalesCurves?
    ) -> Drawn? {
        let prices =
            most.map { rules.prices(after: present, most: $0) } ?? rules.prices(after: present)
        guard !prices.isEmpty else { return nil }
        let menu = PriceMenu(prices, present: present, objective, belief)
        switch exploration {
        case .none:
            // Of equal values the price nearest to the present one: nobody changes a price for nothing.
            let place = menu.mostValuable(belief, stock: stock, nil)
            var propensities = [Double](repeating: 0, count: prices.count)
            propensities[place] = 1
            return Drawn(menu: menu, propensities: propensities, place: place, curve: nil)
        case .thompson(let draws):
            var generator = key.generator()
            let bound = stock.flatMap { belief.mayExceed($0, at: prices[0]) ? $0 : nil }
            let curve = bound.flatMap { $0 < 1 ? nil : curves?.curve(of: $0) }
            let propensities = shares(menu, belief, bound, stock, curve, draws, &generator)
            let place = Self.choose(propensities, generator.nextUniform())
            return Drawn(menu: menu, propensities: propensities, place: place, curve: curve)
        }
    }

    /// How often each price is the best, exactly where no stock bounds sales.
    private func shares(
        _ menu: PriceMenu,
        _ belief: DemandBelief,
        _ bound: Int?,
        _ stock: Int?,
        _ curve: SalesCurve?,
        _ draws: Int,
        _ generator: inout RandomKeyGenerator
    ) -> [Double] {
        if bound == nil, let shares = PriceShares.exact(menu, belief) { return shares }
        return PriceShares.spread(
            draws,
            menu,
            belief,
            stock: bound ?? stock ?? .max,
            curve: curve,
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
