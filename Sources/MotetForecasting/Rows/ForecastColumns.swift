import Foundation

/// The columns of rows that demand is forecast by.
///
/// All numbers of units stand over the ``scale`` of the row, so that a model sees an item that sells ten a week and one that
/// sells a thousand alike, and its answers are multiplied by the scale.
public struct ForecastColumns: Hashable, Sendable {
    /// How long a period is.
    public let period: SalesPeriod

    /// The columns of a panel of periods.
    public init(_ period: SalesPeriod) { self.period = period }

    /// The units an average period had at the origin, by which others are divided.
    public static let scale = "scale"
    /// The columns of texts.
    public let texts = ["level", "series", "category", "weekday"]

    /// The periods before the end of the origin whose units are features; 0 is the origin itself.
    public var lags: [Int] { period == .week ? [0, 1, 2, 3, 4, 5] : [0, 1, 2, 3, 4, 5, 6] }
    /// The lengths of windows that end with the origin.
    public var windows: [Int] { period == .week ? [2, 4, 8, 13, 26] : [7, 14, 28, 56, 91] }
    /// The window of the scale.
    public var scaleWindow: Int { period == .week ? 8 : 28 }
    /// How many seasons before the target are features.
    public var seasons: Int { period == .week ? 1 : 4 }

    /// The columns of numbers, in order.
    public var numbers: [String] {
        ["horizon", Self.scale, "age", "since_sale"]
            + lags.map { "lag_\($0)" } + windows.map { "mean_\($0)" }
            + windows.map { "deviation_\($0)" } + windows.map { "zeros_\($0)" }
            + (1...seasons).map { "season_\($0)" }
            + ["season_mean", "season_known", "target_mean_8"]
            + ["year_sin", "year_cos", "half_year_sin", "half_year_cos"]
            + ["price_known", "price", "price_ratio", "price_planned"]
    }

    /// All columns, in order.
    public var names: [String] { texts + numbers }
}

/// Rows of features, column by column.
public struct ForecastRows: Sendable {
    /// What the columns are.
    public let columns: ForecastColumns
    /// The texts of each row, for each column of texts.
    public private(set) var texts: [[String]]
    /// The numbers of each row, for each column of numbers.
    public private(set) var numbers: [[Float]]
    /// The units an average period of each row had at the origin.
    public private(set) var scales: [Float] = []

    /// The number of rows.
    public var count: Int { scales.count }

    /// No rows.
    public init(_ period: SalesPeriod) {
        columns = ForecastColumns(period)
        texts = columns.texts.map { _ in [] }
        numbers = columns.numbers.map { _ in [] }
    }

    /// Adds the rows of a series for some periods after an origin.
    ///
    /// Nothing later than the end of the origin is read but the calendar and planned prices, which are known by then. A series
    /// whose first sale comes after the origin has no row.
    ///
    /// - Parameters:
    ///   - series: a series of the panel.
    ///   - panel: the panel.
    ///   - origin: the place of the last period that is known.
    ///   - horizons: how many periods after the origin, from 1.
    ///   - planned: the price planned for a period at the origin, by its place; nil where there is none.
    /// - Returns: whether rows were added.
    @discardableResult
    public mutating func add(
        _ series: SalesSeries,
        of panel: SalesPanel,
        origin: Int,
        horizons: ClosedRange<Int>,
        planned: (Int) -> Double? = { _ in nil }
    ) -> Bool {
        guard let facts = OriginFacts(series, panel, origin, columns) else { return false }
        let category =
            switch series.level {
            case .total: ""
            case .category: series.name
            case .item: series.category(at: origin).map { panel.categories[$0].name } ?? ""
            }
        for horizon in horizons {
            let target = origin + horizon
            let day = panel.period.start(panel.first + target)
            let own = [
                series.level.rawValue, "\(series.level.rawValue):\(series.name)", category,
                "\(day.weekday)",
            ]
            for (column, text) in own.enumerated() { texts[column].append(text) }
            let values =
                [Double(horizon)] + facts.numbers + facts.seasons(before: target)
                + Self.calendar(day, panel.period) + facts.prices.features(planned(target))
            for (column, value) in values.enumerated() { numbers[column].append(Float(value)) }
            scales.append(Float(facts.scale))
        }
        return true
    }

    /// Some rows of others.
    ///
    /// - Parameters:
    ///   - other: the others.
    ///   - places: the places of the rows there, in order.
    init(_ other: ForecastRows, _ places: [Int]) {
        columns = other.columns
        texts = other.texts.map { column in places.map { column[$0] } }
        numbers = other.numbers.map { column in places.map { column[$0] } }
        scales = places.map { other.scales[$0] }
    }

    /// Makes the features of prices of rows other ones, such as those of planned prices.
    ///
    /// - Parameters:
    ///   - row: the first of the rows.
    ///   - prices: the features of each.
    mutating func replacePrices(from row: Int, _ prices: [[Double]]) {
        let first = numbers.count - PriceFacts.count
        for column in first..<numbers.count {
            for (place, values) in prices.enumerated() {
                numbers[column][row + place] = Float(values[column - first])
            }
        }
    }

    /// Makes room for rows.
    mutating func reserveCapacity(_ count: Int) {
        for column in texts.indices { texts[column].reserveCapacity(count) }
        for column in numbers.indices { numbers[column].reserveCapacity(count) }
        scales.reserveCapacity(count)
    }

    /// Where in the year the middle of a period is.
    private static func calendar(_ day: CalendarDay, _ period: SalesPeriod) -> [Double] {
        let middle = CalendarDay(day.number + period.days / 2)
        let angle = 2 * Double.pi * middle.shareOfYear
        return [sin(angle), cos(angle), sin(2 * angle), cos(2 * angle)]
    }
}
