/// The sales of an item, a category or everything, period by period without gaps.
public struct SalesSeries: Hashable, Sendable {
    /// What it is of.
    public let level: SalesLevel
    /// The item or the category; empty for everything.
    public let name: String
    /// The place of its first sale among the panel's periods.
    public let first: Int
    /// The units from the first sale on.
    let units: [UnitCount]
    /// The last price of a unit that was known at the end of each period; 0 before there was one.
    let prices: [Double]
    /// From which place on an item is in which category of the panel; empty for others.
    let categories: [(place: Int, category: Int)]

    /// The units of a period; nil before the first sale and after the end of the panel.
    public subscript(place: Int) -> UnitCount? {
        units.indices.contains(place - first) ? units[place - first] : nil
    }

    /// The last price that was known at the end of a period; nil where there was none.
    public func price(at place: Int) -> Double? {
        guard prices.indices.contains(place - first), prices[place - first] > 0 else { return nil }
        return prices[place - first]
    }

    /// The category, by its place among the panel's, that was known of an item at the end of a period.
    public func category(at place: Int) -> Int? {
        categories.last { $0.place <= place }?.category
    }

    /// Whether two series are of the same and have the same sales.
    public static func == (left: SalesSeries, right: SalesSeries) -> Bool {
        left.level == right.level && left.name == right.name && left.first == right.first
            && left.units == right.units && left.prices == right.prices
            && left.categories.elementsEqual(right.categories, by: ==)
    }

    /// Hashes what tells series apart.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(level)
        hasher.combine(name)
    }
}
