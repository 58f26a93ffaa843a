/// Adds up forecasts of items to those of categories and of everything.
///
/// Means are rounded to thousandths of a unit and then added, so that a category is the sum of its items and everything the sum
/// of the categories, exactly and in every order. Quantiles of sums are no sums of quantiles: those of a category come from a
/// model of its own sales, and are multiplied by what takes its mean to the sum.
///
/// - Source: bottom-up reconciliation, Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition
///   (2021), section 11.2. <https://otexts.com/fpp3/single-level.html>
public struct Hierarchy: Hashable, Sendable {
    /// The category of each item, by its place.
    public let parents: [Int]
    /// The number of categories.
    public let categories: Int

    /// Creates a hierarchy.
    ///
    /// - Throws: ``ForecastError`` for an item in a category that is not there.
    public init(parents: [Int], categories: Int) throws(ForecastError) {
        if let wrong = parents.first(where: { $0 < 0 || $0 >= categories }) {
            throw ForecastError(
                .salesPanel,
                "hierarchy: a category is not there; expected from 0 to \(categories - 1); received \(wrong)."
            )
        }
        self.parents = parents
        self.categories = categories
    }

    /// The sums of categories and of everything.
    ///
    /// - Parameter items: the mean of each item.
    /// - Returns: a sum for each category, and their sum.
    /// - Throws: ``ForecastError`` where a sum is too great.
    public func sums(
        _ items: [UnitCount]
    ) throws(ForecastError) -> (categories: [UnitCount], total: UnitCount) {
        precondition(items.count == parents.count, "Hierarchy: \(items.count) items are not all.")
        var sums = [UnitCount](repeating: .zero, count: categories)
        for (item, parent) in zip(items, parents) { sums[parent] = try sums[parent].adding(item) }
        var total = UnitCount.zero
        for sum in sums { total = try total.adding(sum) }
        return (sums, total)
    }

    /// What takes the quantiles of a model of a category to those around the sum of its items.
    ///
    /// - Parameters:
    ///   - own: the mean of the model of the category.
    ///   - sum: the sum of its items.
    /// - Returns: the factor; 1 where the model's mean is 0 and says nothing.
    public static func factor(own: Double, sum: UnitCount) -> Double {
        guard own > 1e-9 else { return 1 }
        return min(max(0, sum.units) / own, 1e6)
    }
}
