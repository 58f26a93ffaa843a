import MotetForecasting

/// What came of forecasts of periods that are over.
struct ForecastFigures: Sendable {
    /// How good the forecasts of a level were, so many periods ahead.
    struct Score: Sendable {
        let level: SalesLevel
        let ahead: Int
        /// The periods, and the forecasts of all of them.
        var periods: Set<Int> = []
        var count = 0
        /// Sums over the forecasts: of what was sold, of what was expected, and of absolute errors.
        var actual = 0.0
        var expected = 0.0
        var error = 0.0
        /// How many outcomes lie between the least and the greatest quantile.
        var inside = 0

        /// The sum of absolute errors over what was sold; nil where nothing was.
        var wape: Double? { actual > 0 ? error / actual : nil }
        /// How much more was expected than sold, over what was sold; nil where nothing was.
        var bias: Double? { actual > 0 ? (expected - actual) / actual : nil }
        /// The share of outcomes between the quantiles.
        var share: Double { count > 0 ? Double(inside) / Double(count) : 0 }
    }

    /// A period of a series: what was said last before it, and what was sold.
    struct Point: Sendable {
        /// The number of the period.
        let period: Int
        let mean: Double?
        let low: Double?
        let high: Double?
        /// nil where it is not known.
        let actual: Double?
        /// Whether the period is over; of one that goes on it is what was sold so far.
        let isOver: Bool
    }

    /// A series that is shown.
    struct Series: Sendable {
        let series: SeriesName
        let points: [Point]
    }

    /// By level, then by periods ahead; only those with outcomes.
    let scores: [Score]
    /// Everything, and the categories of which most is expected.
    let series: [Series]
    /// The share of outcomes that are said to lie between the quantiles.
    let stated: Double

    /// The most series and periods that are shown.
    static let shownSeries = 6
    static let shownPeriods = 36

    /// Compares.
    ///
    /// - Parameters:
    ///   - kept: what was forecast, by rising origins.
    ///   - sold: what was counted and reported.
    ///   - store: the history.
    ///   - time: now, in milliseconds since 1970.
    init(_ kept: [KeptForecasts], _ sold: SoldUnits, _ store: ForecastStore, at time: Int64) {
        let ledger = SoldLedger(sold: sold, store: store, time: time)
        var scores: [SalesLevel: [Int: Score]] = [:]
        var known: [SeriesName: SoldLedger.Series] = [:]
        for forecasts in kept {
            for series in forecasts.series {
                let sales = known[series.series] ?? ledger.sales(of: series.series)
                known[series.series] = sales
                let level = series.series.level
                for place in series.mean.indices {
                    let (target, ahead) = (forecasts.origin + 1 + place, place + 1)
                    guard let mean = series.mean[place], let low = series.low[place],
                        let high = series.high[place],
                        let actual = ledger.outcome(sales, in: target)
                    else { continue }
                    var score = scores[level]?[ahead] ?? Score(level: level, ahead: ahead)
                    // Taken out first, so that it is changed and not copied.
                    scores[level]?[ahead] = nil
                    score.periods.insert(target)
                    score.count += 1
                    score.actual += actual
                    score.expected += mean
                    score.error += abs(actual - mean)
                    // Answers tell quantiles in thousandths, as sales are.
                    if actual >= low - 5e-4, actual <= high + 5e-4 { score.inside += 1 }
                    scores[level, default: [:]][ahead] = score
                }
            }
        }
        self.scores = SalesLevel.allCases.flatMap { level in
            (scores[level] ?? [:]).values.sorted { $0.ahead < $1.ahead }
        }
        stated = kept.last?.stated ?? 0
        series = Self.shown(kept, ledger)
    }

    private static func shown(_ kept: [KeptForecasts], _ ledger: SoldLedger) -> [Series] {
        guard let last = kept.last, let first = kept.first else { return [] }
        let names = last.series.map(\.series).filter { $0.level != .item }.prefix(shownSeries)
        let periods = Array((first.origin + 1)...max(first.origin + 1, last.last)).suffix(
            shownPeriods
        )
        let found = kept.map { forecasts in
            Dictionary(
                forecasts.series.map { ($0.series, $0) },
                uniquingKeysWith: { first, _ in first }
            )
        }
        return names.map { name in
            let sales = ledger.sales(of: name)
            let points = periods.map { period -> Point in
                // Of the newest origin that had something to say.
                var said: (mean: Double?, low: Double?, high: Double?) = (nil, nil, nil)
                for (forecasts, series) in zip(kept, found).reversed() {
                    let place = KeptForecasts.place(period, after: forecasts.origin)
                    guard let own = series[name], own.mean.indices.contains(place),
                        own.mean[place] != nil
                    else { continue }
                    said = (own.mean[place], own.low[place], own.high[place])
                    break
                }
                let isOver = ledger.isOver(period)
                return Point(
                    period: period,
                    mean: said.mean,
                    low: said.low,
                    high: said.high,
                    actual: ledger.outcome(sales, in: period)
                        ?? (isOver ? nil : ledger.soFar(sales, in: period)),
                    isOver: isOver
                )
            }
            return Series(series: name, points: points)
        }
    }
}

/// What was sold, by all that is known: the history, what was reported, events.
struct SoldLedger {
    let sold: SoldUnits
    let store: ForecastStore
    /// Now, in milliseconds since 1970.
    let time: Int64

    /// What is known of a series' sales.
    struct Series {
        let name: SeriesName
        /// Its history; nil for one without.
        let history: SalesSeries?
        /// From when on its events are counted, and what they add up to.
        let since: Int64?
        let counted: [Int: Int64]
    }

    /// What is known of a series' sales.
    func sales(of name: SeriesName) -> Series {
        Series(
            name: name,
            history: store.place(of: name).map { store.series[$0] },
            since: store.outcomes.countsEvents ? sold.since[name] ?? nil : nil,
            counted: sold.counted[name] ?? [:]
        )
    }

    /// The units of a period that is over; nil where they are not known.
    func outcome(_ series: Series, in period: Int) -> Double? {
        let place = period - store.panel.first
        if place >= 0, place < store.panel.count {
            // A series without sales in a period has zeros in it.
            return series.history.map { $0[place]?.units ?? 0 }
        }
        if let reported = sold.reported[period] { return reported[series.name].map(Self.units) }
        return isOver(period) ? counted(series, in: period) : nil
    }

    /// The units so far of a period that goes on; nil where events are not counted, or not from its begin.
    func soFar(_ series: Series, in period: Int) -> Double? {
        store.begin(of: period) <= time ? counted(series, in: period) : nil
    }

    /// What events say of a period that began after they were first counted; nil of another.
    private func counted(_ series: Series, in period: Int) -> Double? {
        guard let since = series.since, since <= store.begin(of: period) else { return nil }
        return Self.units(series.counted[period] ?? 0)
    }

    /// Whether a period is over, and its last events have come.
    func isOver(_ period: Int) -> Bool {
        time >= store.begin(of: period + 1) + ForecastOutcomes.grace
    }

    private static func units(_ thousandths: Int64) -> Double {
        UnitCount(thousandths: thousandths).units
    }
}
