/// The sales of items, categories and everything in all periods of a shop's log.
///
/// A series begins with its first sale and goes on to the last period; periods without a sale are there as zeros. What is
/// sold of a category is the sum of its items in every period, and of everything the sum of the categories, exactly.
public struct SalesPanel: Sendable {
    /// How long a period is.
    public let period: SalesPeriod
    /// The number of the first period.
    public let first: Int
    /// How many periods there are.
    public let count: Int
    /// Everything that is sold.
    public let total: SalesSeries
    /// The categories by name.
    public let categories: [SalesSeries]
    /// The items by name.
    public let items: [SalesSeries]
    private let categoryPlaces: [String: Int]
    private let itemPlaces: [String: Int]

    /// All series: everything, the categories, the items.
    public var series: [SalesSeries] { [total] + categories + items }

    /// Builds a panel.
    ///
    /// - Parameters:
    ///   - lines: what was sold, each item at most once in a period, in any order.
    ///   - period: how long a period is.
    ///   - first: the number of the first period.
    ///   - last: the number of the last period.
    /// - Throws: ``ForecastError`` for no lines, a line out of the periods, twice or below 0, and for sums that are too
    ///   great.
    public init(
        _ lines: [SalesLine],
        period: SalesPeriod,
        first: Int,
        last: Int
    ) throws(ForecastError) {
        guard first <= last, last - first < Self.mostPeriods, !lines.isEmpty else {
            throw ForecastError(
                .salesPanel,
                "panel: there is nothing to build it of; expected at least one sale in 1 to \(Self.mostPeriods) "
                    + "periods; received \(lines.count) sales."
            )
        }
        self.period = period
        self.first = first
        count = last - first + 1
        let sorted = lines.sorted { ($0.item, $0.period) < ($1.item, $1.period) }
        try Self.check(sorted, first: first, last: last, period)
        let names = Set(sorted.map(\.category)).sorted()
        let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        var sums = (0..<names.count).map { _ in SeriesSum(count: last - first + 1) }
        var everything = SeriesSum(count: last - first + 1)
        var items: [SalesSeries] = []
        var start = 0
        while start < sorted.count {
            var end = start
            var own = SeriesSum(count: last - first + 1)
            var categories: [(place: Int, category: Int)] = []
            while end < sorted.count, sorted[end].item == sorted[start].item {
                let line = sorted[end]
                let (place, category) = (line.period - first, places[line.category] ?? 0)
                if categories.last?.category != category { categories.append((place, category)) }
                try own.add(line, at: place)
                try sums[category].add(line, at: place)
                try everything.add(line, at: place)
                end += 1
            }
            items.append(own.series(.item, sorted[start].item, categories))
            start = end
        }
        self.items = items
        total = everything.series(.total, "", [])
        categories = zip(names, sums).map { $1.series(.category, $0, []) }
        categoryPlaces = places
        itemPlaces = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($1.name, $0) })
    }

    /// The most periods: more than a century of days.
    public static let mostPeriods = 40_000

    /// The place of an item; nil for one without history.
    public func place(ofItem name: String) -> Int? { itemPlaces[name] }

    /// The place of a category; nil for one without history.
    public func place(ofCategory name: String) -> Int? { categoryPlaces[name] }

    /// The first day of a period, by its place.
    public func start(_ place: Int) -> CalendarDay { period.start(first + place) }

    private static func check(
        _ sorted: [SalesLine],
        first: Int,
        last: Int,
        _ period: SalesPeriod
    ) throws(ForecastError) {
        for (index, line) in sorted.enumerated() {
            let what = "panel, item \"\(line.item)\", period \(period.start(line.period))"
            guard (first...last).contains(line.period) else {
                throw ForecastError(
                    .salesPanel,
                    "\(what): out of the periods; expected from \(period.start(first)) to \(period.start(last))."
                )
            }
            guard line.units >= .zero, line.price.map({ $0 >= 0 && $0.isFinite }) ?? true else {
                throw ForecastError(
                    .salesPanel,
                    "\(what): units or price below 0; expected at least 0; received \(line.units) units"
                        + (line.price.map { " at \($0)." } ?? ".")
                )
            }
            guard
                index == 0
                    || (sorted[index - 1].item, sorted[index - 1].period) != (
                        line.item, line.period
                    )
            else {
                throw ForecastError(
                    .salesPanel,
                    "\(what): there are two lines of it; expected one for each item and period."
                )
            }
        }
    }
}

/// Adds up the lines of a series.
private struct SeriesSum {
    private var units: [UnitCount]
    private var priced: [Double]
    private var revenue: [Double]
    private var first: Int?

    init(count: Int) {
        units = Array(repeating: .zero, count: count)
        priced = Array(repeating: 0, count: count)
        revenue = priced
    }

    mutating func add(_ line: SalesLine, at place: Int) throws(ForecastError) {
        units[place] = try units[place].adding(line.units)
        first = min(first ?? place, place)
        guard let price = line.price, price > 0, line.units > .zero else { return }
        priced[place] += line.units.units
        revenue[place] += line.units.units * price
    }

    /// The series: the mean price of a period where something was sold, else the one before.
    func series(
        _ level: SalesLevel,
        _ name: String,
        _ categories: [(place: Int, category: Int)]
    ) -> SalesSeries {
        let first = first ?? 0
        var last = 0.0
        let prices = (first..<units.count).map { place in
            if priced[place] > 0 { last = revenue[place] / priced[place] }
            return last
        }
        return SalesSeries(
            level: level,
            name: name,
            first: first,
            units: Array(units[first...]),
            prices: prices,
            categories: categories
        )
    }
}
