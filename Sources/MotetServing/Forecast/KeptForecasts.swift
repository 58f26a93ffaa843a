import MotetForecasting

/// A series that is forecast: everything, a category or an item.
struct SeriesName: Codable, Hashable, Sendable {
    let level: SalesLevel
    /// The category or the item; empty for everything.
    let name: String

    /// Everything.
    static let total = SeriesName(level: .total, name: "")
}

/// What was forecast of some series from one origin, for the periods after it.
struct KeptForecasts: Codable, Sendable {
    /// What was forecast of a series, period by period; nil where nothing was said before the period ended.
    struct Series: Codable, Sendable {
        let series: SeriesName
        var mean: [Double?]
        /// The least and the greatest quantile.
        var low: [Double?]
        var high: [Double?]
    }

    /// The form of the file.
    var format = 1
    let period: SalesPeriod
    /// The number of the last period that was known.
    let origin: Int
    /// The model that said so last.
    var model: String
    /// The share of outcomes that are said to lie between `low` and `high`.
    var stated: Double
    var series: [Series]

    /// How many numbers it holds.
    var size: Int { series.reduce(0) { $0 + 3 * $1.mean.count } }

    /// The number of the last period that is forecast.
    var last: Int { origin + (series.first?.mean.count ?? 0) }

    /// What was said of a period, by its number.
    static func place(_ target: Int, after origin: Int) -> Int { target - origin - 1 }
}

extension KeptForecasts {
    /// Keeps what a model says of the periods that are not over.
    ///
    /// What was said before of periods that are over stays: nobody forecasts what was. So do the series that were chosen first:
    /// everything, categories, and the items of which most is expected.
    ///
    /// - Parameters:
    ///   - before: what was kept of the origin.
    ///   - table: what the model says.
    ///   - model: its version.
    ///   - store: the history.
    ///   - most: the most categories, and the most items.
    ///   - current: the number of the period that goes on.
    init(
        after before: KeptForecasts?,
        _ table: ForecastTable,
        _ model: String,
        _ store: ForecastStore,
        most: Int,
        current: Int
    ) {
        let panel = store.panel
        period = panel.period
        origin = panel.first + store.origin
        self.model = model
        let levels = store.levels
        // With one quantile, from nothing up to it.
        stated = (levels.last ?? 0) - (levels.count > 1 ? levels[0] : 0)
        let names = before?.series.map(\.series) ?? Self.chosen(table, store, most)
        let known = Dictionary(
            (before?.series ?? []).map { ($0.series, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let open = max(0, min(store.horizon, Self.place(current, after: origin)))
        series = names.map { name in
            let entries = store.place(of: name).map { table.told($0, store) } ?? []
            func values(
                _ old: KeyPath<Series, [Double?]>,
                _ new: (ForecastTable.Entry) -> Double?
            ) -> [Double?] {
                let kept = known[name]?[keyPath: old] ?? []
                return (0..<store.horizon).map { ahead in
                    guard ahead >= open, entries.indices.contains(ahead) else {
                        return kept.indices.contains(ahead) ? kept[ahead] : nil
                    }
                    return new(entries[ahead])
                }
            }
            return Series(
                series: name,
                mean: values(\.mean) { $0.mean.units },
                low: values(\.low) { levels.count > 1 ? $0.quantiles.values.first : 0 },
                high: values(\.high) { $0.quantiles.values.last }
            )
        }
    }

    /// Everything, and the categories and items of which most is expected.
    private static func chosen(
        _ table: ForecastTable,
        _ store: ForecastStore,
        _ most: Int
    ) -> [SeriesName] {
        func greatest(_ range: Range<Int>) -> [SeriesName] {
            range.map { place in (place, table[place].reduce(0) { $0 + $1.mean.units }) }
                .sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(most)
                .map { SeriesName(level: store.series[$0.0].level, name: store.series[$0.0].name) }
        }
        return [.total] + greatest(store.firstCategory..<store.firstItem)
            + greatest(store.firstItem..<store.series.count)
    }
}

extension ForecastTable {
    /// The forecasts of a series as answers tell them: those of sums are brought to what their items add up to.
    func told(_ series: Int, _ store: ForecastStore) -> [Entry] {
        guard series < store.firstItem else { return self[series] }
        return zip(self[series], sums).map { entry, sum in
            let mean = series == 0 ? sum.total : sum.categories[series - store.firstCategory]
            let factor = Hierarchy.factor(own: entry.mean.units, sum: mean)
            return Entry(mean: mean, quantiles: entry.quantiles.scaled(by: factor))
        }
    }
}

extension ForecastStore {
    /// The place of a series among those of the history; nil for one that it does not have.
    func place(of name: SeriesName) -> Int? {
        switch name.level {
        case .total: 0
        case .category: panel.place(ofCategory: name.name).map { firstCategory + $0 }
        case .item: panel.place(ofItem: name.name).map { firstItem + $0 }
        }
    }

    /// When a period begins, in milliseconds since 1970.
    func begin(of period: Int) -> Int64 {
        Int64(panel.period.start(period).number) * 86_400_000 - offset
    }

    /// The period that a time is in, by its number.
    func period(at time: Int64) -> Int { panel.period.index(of: time, offset: offset) }
}
