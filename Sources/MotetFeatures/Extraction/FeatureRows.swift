/// Rows that are to get features, and which of their columns is what.
public struct FeatureRows: Hashable, Sendable {
    /// The column of times; rows must be in their order.
    public var time: String
    /// How it writes them, if it holds numbers.
    public var unit: TimeUnit
    /// The column of users.
    public var user: String?
    /// The column of items.
    public var item: String?
    /// The column of categories; nil where the table of items tells them.
    public var category: String?
    /// The column of places of the shop.
    public var scenario: String?
    /// The columns that are carried along; nil for all.
    public var keep: [String]?

    /// Creates a mapping whose column of times is called so.
    public init(time: String = "time", unit: TimeUnit = .milliseconds) {
        self.time = time
        self.unit = unit
    }
}
