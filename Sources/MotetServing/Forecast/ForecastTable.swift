import MotetData
import MotetForecasting

/// What a model forecasts of all series of a history, made once when the model is read.
struct ForecastTable: Sendable {
    /// The forecast of a series for a period.
    struct Entry: Hashable, Sendable {
        /// The units that are expected; of items rounded to thousandths, of others the model's own.
        var mean: UnitCount
        /// The quantiles.
        var quantiles: ForecastQuantiles
    }

    /// How many periods ahead.
    let horizon: Int
    /// The tasks: of the mean, then of the quantiles.
    let tasks: [Int]
    /// The entries of each series of the store, period by period.
    private let entries: [[Entry]]
    /// For each period the sums of the categories and of everything.
    let sums: [(categories: [UnitCount], total: UnitCount)]
    /// For each category, and last for everything, an average item.
    private let averages: [[Entry]]

    /// The entries of a series.
    subscript(series: Int) -> [Entry] { entries[series] }

    /// An average item of a category; of all with nil.
    func average(_ category: Int?) -> [Entry] { averages[category ?? averages.count - 1] }

    /// Forecasts everything.
    ///
    /// - Parameters:
    ///   - store: the history.
    ///   - model: the model.
    ///   - rows: how many rows are computed at once.
    /// - Throws: as `ForecastStore.tasks(of:)`; `ServingError` for numbers that are not finite.
    init(_ store: ForecastStore, _ model: ServedModel, rows: Int) throws {
        horizon = store.horizon
        tasks = try store.tasks(of: model)
        var entries: [[Entry]] = []
        entries.reserveCapacity(store.series.count)
        let step = max(1, rows / store.horizon)
        for start in stride(from: 0, to: store.series.count, by: step) {
            let part = Array(start..<min(start + step, store.series.count))
            entries += try Self.entries(part, store, model, tasks) { _, _ in nil }
        }
        self.entries = entries
        let items = entries[store.firstItem...]
        sums = try (0..<store.horizon).map { period in
            try store.hierarchy.sums(items.map { $0[period].mean })
        }
        let parents = store.hierarchy.parents
        var members = [[Int]](repeating: [], count: store.panel.categories.count)
        for (item, parent) in parents.enumerated() {
            members[parent].append(store.firstItem + item)
        }
        averages = try (members + [Array(store.firstItem..<store.series.count)]).map { members in
            try Self.average(members.map { entries[$0] }, store)
        }
    }

    /// The forecasts of some series, with prices that are planned.
    ///
    /// - Parameters:
    ///   - series: their places among those of the store.
    ///   - store: the history.
    ///   - model: the model.
    ///   - tasks: the tasks: of the mean, then of the quantiles.
    ///   - planned: the price of a series that is planned for so many periods ahead; nil for none.
    /// - Returns: the entries of each.
    /// - Throws: `ServingError` for numbers that are not finite.
    static func entries(
        _ series: [Int],
        _ store: ForecastStore,
        _ model: ServedModel,
        _ tasks: [Int],
        planned: (_ series: Int, _ ahead: Int) -> Double?
    ) throws -> [[Entry]] {
        let rows = store.rows.rows(of: series, planned: planned)
        let batch = try model.batch(rows.raw(model.encoder.columns), isWhole: true) { "row \($0)" }
        let scores = try model.scores(batch)
        func value(_ task: Int, _ row: Int) throws -> Double {
            let value = Double(scores[tasks[task]][row].value)
            guard value.isFinite else {
                throw ServingError(
                    .modelUnusable,
                    "run \"\(model.path)\": a forecast of \(rows.texts[1][row]) is not finite; expected numbers such as "
                        + "those of the training."
                )
            }
            return value * Double(rows.scales[row])
        }
        let greatest = UnitCount.greatest
        return try series.indices.map { index in
            try (0..<store.horizon).map { period in
                let row = index * store.horizon + period
                let mean = min(max(0, try value(0, row)), greatest)
                let quantiles = try (1..<tasks.count).map { min(try value($0, row), greatest) }
                return Entry(
                    mean: UnitCount(mean) ?? .zero,
                    quantiles: try ForecastQuantiles(levels: store.levels, predicted: quantiles)
                )
            }
        }
    }

    /// The mean of the forecasts of several items; nothing of none.
    private static func average(_ items: [[Entry]], _ store: ForecastStore) throws -> [Entry] {
        try (0..<store.horizon).map { period in
            let count = Double(max(1, items.count))
            let mean = items.reduce(0) { $0 + $1[period].mean.units } / count
            let quantiles = store.levels.indices.map { level in
                items.reduce(0) { $0 + $1[period].quantiles.values[level] } / count
            }
            return Entry(
                mean: UnitCount(mean) ?? .zero,
                quantiles: try ForecastQuantiles(levels: store.levels, predicted: quantiles)
            )
        }
    }
}

extension ForecastRows {
    /// The rows as a request would have them, with the columns that a model reads.
    func raw(_ names: [String]) -> RawRows {
        var all: [String: RawRows.Column] = [:]
        for (place, name) in columns.texts.enumerated() where names.contains(name) {
            all[name] = .each(texts[place].map { .text($0) })
        }
        for (place, name) in columns.numbers.enumerated() where names.contains(name) {
            all[name] = .each(numbers[place].map { .number(Double($0)) })
        }
        return RawRows(count: count, columns: all)
    }
}
