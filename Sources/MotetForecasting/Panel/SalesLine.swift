/// What was sold of an item in a period.
public struct SalesLine: Hashable, Sendable {
    /// The item.
    public var item: String
    /// The category it was last in within the period.
    public var category: String
    /// The number of the period.
    public var period: Int
    /// The units, at least none.
    public var units: UnitCount
    /// The mean price of a unit; nil where nobody knows.
    public var price: Double?

    /// Creates a line.
    public init(
        item: String,
        category: String,
        period: Int,
        units: UnitCount,
        price: Double? = nil
    ) {
        self.item = item
        self.category = category
        self.period = period
        self.units = units
        self.price = price
    }
}
