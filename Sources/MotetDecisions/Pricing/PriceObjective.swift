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
