/// What is known of a series at the end of an origin.
struct OriginFacts {
    /// The units of an average period: `(sum + 1) / (periods + 1)` of the last ones, so never 0.
    let scale: Double
    /// The features that do not depend on the target.
    let numbers: [Double]
    private let series: SalesSeries
    private let origin: Int
    private let columns: ForecastColumns
    private let season: Int
    private let mean: Double
    /// What the features of prices follow from.
    let prices: PriceFacts

    /// Gathers what is known; nil where the first sale comes after the origin.
    init?(_ series: SalesSeries, _ panel: SalesPanel, _ origin: Int, _ columns: ForecastColumns) {
        guard origin >= series.first, origin < panel.count else { return nil }
        self.series = series
        self.origin = origin
        self.columns = columns
        season = panel.period.season
        /// Units of a period so many before the end; 0 before the first sale.
        func units(_ back: Int) -> Double { series[origin - back]?.units ?? 0 }
        let age = origin - series.first + 1
        let known = min(columns.scaleWindow, age)
        let sum = Self.sum(series, origin, known)
        let scale = Self.scale(sum, known)
        self.scale = scale
        mean = sum / Double(known) / scale
        var sinceSale = 0
        while sinceSale < age - 1, units(sinceSale) == 0 { sinceSale += 1 }
        var (means, deviations, zeros): ([Double], [Double], [Double]) = ([], [], [])
        for window in columns.windows {
            let length = min(window, age)
            let values = (0..<length).map { units($0) / scale }
            let mean = values.reduce(0, +) / Double(length)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            means.append(mean)
            deviations.append((squares / Double(length)).squareRoot())
            zeros.append(Double(values.count { $0 == 0 }) / Double(length))
        }
        numbers =
            [scale, Double(age), Double(sinceSale)] + columns.lags.map { units($0) / scale } + means
            + deviations + zeros
        let before = (0..<min(columns.scaleWindow, age)).compactMap {
            series.price(at: origin - $0)
        }
        prices = PriceFacts(
            known: series.price(at: origin),
            usual: before.isEmpty ? nil : before.reduce(0, +) / Double(before.count)
        )
    }

    /// The units an average period of a series had at an origin; nil where the first sale comes after it.
    static func scale(
        _ series: SalesSeries,
        _ panel: SalesPanel,
        _ origin: Int,
        _ columns: ForecastColumns
    ) -> Double? {
        guard origin >= series.first, origin < panel.count else { return nil }
        let known = min(columns.scaleWindow, origin - series.first + 1)
        return scale(sum(series, origin, known), known)
    }

    private static func sum(_ series: SalesSeries, _ origin: Int, _ known: Int) -> Double {
        (0..<known).reduce(0.0) { $0 + (series[origin - $1]?.units ?? 0) }
    }

    private static func scale(_ sum: Double, _ known: Int) -> Double {
        (sum + 1) / Double(known + 1)
    }

    /// The units of the periods that are whole seasons before a target, the latest first, their mean, whether the latest is
    /// there, and the mean of eight periods around it.
    ///
    /// What is not there is as in an average period.
    func seasons(before target: Int) -> [Double] {
        let back = (target - origin + season - 1) / season
        let values = (0..<columns.seasons).map { index in
            series[target - (back + index) * season].map { $0.units / scale }
        }
        let there = values.compactMap(\.self)
        let around = (-3...4).compactMap { step -> Double? in
            let place = target - back * season + step
            return place <= origin ? series[place].map { $0.units / scale } : nil
        }
        return values.map { $0 ?? mean }
            + [
                there.isEmpty ? mean : there.reduce(0, +) / Double(there.count),
                values[0] == nil ? 0 : 1,
                around.isEmpty ? mean : around.reduce(0, +) / Double(around.count),
            ]
    }
}

/// What is known of an item's prices at the end of an origin.
struct PriceFacts: Sendable {
    /// The last price.
    let known: Double?
    /// The mean of the last ones.
    let usual: Double?

    /// The features, in the order of the last columns of numbers: whether a price is known, the price of the target, that over the usual one, and
    /// whether it was planned.
    func features(_ planned: Double?) -> [Double] {
        guard let target = planned ?? known else { return [0, 0, 1, 0] }
        let ratio = usual.map { $0 > 0 ? min(target / $0, 100) : 1 } ?? 1
        return [1, target, ratio, planned == nil ? 0 : 1]
    }

    /// How many features there are.
    static let count = 4
}
