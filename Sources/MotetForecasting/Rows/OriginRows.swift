/// The rows of many series after one origin, made once.
///
/// What is asked of a history again and again differs in planned prices only: everything else of a row, windows of sales and seasons, stays as it
/// is.
public struct OriginRows: Sendable {
    private let rows: ForecastRows
    private let horizon: Int
    /// Where the rows of each series begin.
    private let starts: [Int]
    /// What the prices of each series follow from; nil for one without rows.
    private let prices: [PriceFacts?]

    /// Makes the rows without planned prices.
    ///
    /// - Parameters:
    ///   - series: series of the panel.
    ///   - panel: the panel.
    ///   - origin: the place of the last period that is known.
    ///   - horizon: how many periods after the origin, at least 1.
    public init(_ series: [SalesSeries], of panel: SalesPanel, origin: Int, horizon: Int) {
        var rows = ForecastRows(panel.period)
        rows.reserveCapacity(series.count * horizon)
        var (starts, prices): ([Int], [PriceFacts?]) = ([], [])
        for own in series {
            starts.append(rows.count)
            rows.add(own, of: panel, origin: origin, horizons: 1...horizon)
            prices.append(OriginFacts(own, panel, origin, rows.columns)?.prices)
        }
        self.rows = rows
        self.horizon = horizon
        self.starts = starts
        self.prices = prices
    }

    /// The rows of some series, as `ForecastRows.add` makes them.
    ///
    /// - Parameters:
    ///   - series: their places among those of `init`.
    ///   - planned: the price of a series, by its place, that is planned for so many periods ahead; nil for none.
    /// - Returns: the rows of one after the other; none of a series whose first sale comes after the origin.
    public func rows(
        of series: [Int],
        planned: (_ series: Int, _ ahead: Int) -> Double? = { _, _ in nil }
    ) -> ForecastRows {
        let known = series.filter { prices[$0] != nil }
        // Column by column: rows one by one would take ten times as long.
        var chosen = ForecastRows(rows, known.flatMap { starts[$0]..<starts[$0] + horizon })
        for (index, place) in known.enumerated() {
            let plan = (1...horizon).map { planned(place, $0) }
            guard let facts = prices[place], plan.contains(where: { $0 != nil }) else { continue }
            chosen.replacePrices(from: index * horizon, plan.map(facts.features))
        }
        return chosen
    }
}
