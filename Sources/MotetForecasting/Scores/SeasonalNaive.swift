/// Forecasts that every model is held against: what was sold a season before.
public enum SeasonalNaive {
    /// The units of the latest known period that is whole seasons before a target.
    ///
    /// Where the series is younger than a season, the last known period stands for it.
    ///
    /// - Parameters:
    ///   - series: a series of the panel.
    ///   - panel: the panel.
    ///   - origin: the place of the last known period.
    ///   - horizon: how many periods after it, from 1.
    /// - Returns: the units; nil where the first sale comes after the origin.
    public static func units(
        _ series: SalesSeries,
        of panel: SalesPanel,
        origin: Int,
        horizon: Int
    ) -> Double? {
        guard origin >= series.first, origin < panel.count, horizon >= 1 else { return nil }
        let season = panel.period.season
        let place = origin + horizon - (horizon + season - 1) / season * season
        return (series[place] ?? series[origin])?.units
    }
}
