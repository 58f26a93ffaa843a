/// What is ordered of an item for the time until the next order arrives: the newsvendor.
///
/// A unit that is missing costs `under = price - cost + shortage`, one that is left over `holding`. The stock that costs least
/// is the demand's quantile of the critical ratio `under / (under + holding)`; of the quantities that can be ordered, nothing or
/// whole packs from the minimum on, the one with the least expected cost is chosen.
///
/// - Source: Arrow, Harris and Marschak, "Optimal Inventory Policy", Econometrica 19 (1951).
///   <https://doi.org/10.2307/1906813>
public struct Reorder: Hashable, Sendable {
    /// What an order depends on.
    public struct Terms: Hashable, Sendable {
        /// What a unit sells for.
        public var price: Double
        /// What a unit costs.
        public var cost: Double
        /// What a unit costs that is left over at the end.
        public var holding: Double
        /// What a unit that is missing costs beside its margin.
        public var shortage = 0.0
        /// Units on the shelf.
        public var stock = 0.0
        /// Units that are on their way, and arrive in time.
        public var onOrder = 0.0
        /// Units of a pack.
        public var pack = 1.0
        /// The fewest units of an order.
        public var minimum = 0.0

        /// Creates terms with no stock, single units and no minimum.
        public init(price: Double, cost: Double, holding: Double) {
            self.price = price
            self.cost = cost
            self.holding = holding
        }

        /// The greatest number that is taken.
        public static let greatest = 1e9
        /// The smallest pack.
        public static let leastPack = 0.001

        /// What a missing unit costs.
        public var under: Double { price - cost + shortage }

        /// Checks the terms.
        ///
        /// - Throws: ``ForecastError`` for a number that is out of range, or a missing unit that costs nothing.
        public func check() throws(ForecastError) {
            let all: [(String, Double, ClosedRange<Double>)] = [
                ("price", price, 0...Self.greatest), ("cost", cost, 0...Self.greatest),
                ("holding", holding, 0...Self.greatest), ("shortage", shortage, 0...Self.greatest),
                ("stock", stock, 0...Self.greatest), ("on_order", onOrder, 0...Self.greatest),
                ("pack", pack, Self.leastPack...Self.greatest),
                ("minimum", minimum, 0...Self.greatest),
            ]
            for (name, value, range) in all where !range.contains(value) {
                throw ForecastError(
                    .reorder,
                    "\(name): out of range; expected from \(range.lowerBound) to \(range.upperBound); received "
                        + "\(value)."
                )
            }
            guard under > 0 else {
                throw ForecastError(
                    .reorder,
                    "cost: not below the price, so that nothing is lost by a missing unit; expected less than "
                        + "\(price + shortage), the price and `shortage`; received \(cost)."
                )
            }
            guard holding > 0 else {
                throw ForecastError(
                    .reorder,
                    "holding: a unit that is left over costs nothing, so that no order is too great; expected more than "
                        + "0; received \(holding)."
                )
            }
        }
    }

    /// The share of times in which the best stock is enough.
    public let criticalRatio: Double
    /// The stock that costs least.
    public let target: Double
    /// The units to order.
    public let quantity: Double
    /// What is expected to be lost by missing and left over units with the order.
    public let expectedCost: Double
    /// The units expected to be missing with the order.
    public let expectedShortage: Double

    /// Decides.
    ///
    /// - Parameters:
    ///   - terms: what the order depends on.
    ///   - demand: the demand until the order after this one arrives.
    /// - Throws: ``ForecastError`` as ``Terms/check()`` does.
    public init(_ terms: Terms, demand: DemandDistribution) throws(ForecastError) {
        try terms.check()
        // As close to 1 as still has a quantile.
        criticalRatio = min(terms.under / (terms.under + terms.holding), 1 - 0x1p-40)
        let target = demand.quantile(criticalRatio)
        let position = terms.stock + terms.onOrder
        func cost(_ quantity: Double) -> Double {
            terms.under * demand.shortage(position + quantity)
                + terms.holding * demand.surplus(position + quantity)
        }
        // The cost is convex: the best number of packs is next to the target or at the minimum.
        let least = (terms.minimum / terms.pack).rounded(.up)
        let packs = max(0, (target - position) / terms.pack)
        var best = 0.0
        var bestCost = cost(0)
        for count in [packs.rounded(.down), packs.rounded(.up)] where count > 0 {
            let quantity = max(count, least) * terms.pack
            let own = cost(quantity)
            // Rounding errors of the cost order nothing.
            if own < bestCost - 1e-12 * (1 + abs(bestCost)) { (best, bestCost) = (quantity, own) }
        }
        self.target = target
        quantity = best
        expectedCost = bestCost
        expectedShortage = demand.shortage(position + best)
    }
}
