import Foundation
import MotetFeatures
import MotetForecasting
import Synchronization

/// Holds what was forecast of periods that are over against the units that were sold.
///
/// What was sold is told by the history, where it reaches that far; by what was reported of a whole period; or by purchases among the
/// events. With a folder, forecasts and counts go on after a restart.
final class ForecastOutcomes: Sendable {
    /// How long after a period its last events may come, in milliseconds.
    static let grace: Int64 = 3_600_000
    /// The most numbers that are kept; the forecasts of the oldest origins go.
    static let mostNumbers = 2_000_000

    /// The settings.
    let settings: ServingSettings.Forecast.Outcomes
    /// Whether the server gets events, and is to count their purchases.
    let countsEvents: Bool
    private let mostNumbers: Int
    private let state = Mutex(State())
    private let files = Mutex<ForecastFiles?>(nil)

    fileprivate struct State {
        /// By origin.
        var kept: [Int: KeptForecasts] = [:]
        var sold = SoldUnits()
        /// What is not saved.
        var news = News()
        /// What was found last, and in which minute.
        var found: (minute: Int64, figures: ForecastFigures)?
    }

    /// What was changed since it was saved.
    fileprivate struct News: Equatable {
        /// The origins of forecasts that are new, and of those that were forgotten.
        var origins: Set<Int> = []
        var gone: Set<Int> = []
        var isCounted = false

        mutating func add(_ other: News) {
            origins.formUnion(other.origins)
            gone.formUnion(other.gone)
            isCounted = isCounted || other.isCounted
        }
    }

    /// Nothing was forecast yet.
    ///
    /// - Parameters:
    ///   - settings: what is kept, and where.
    ///   - hasEvents: whether the server gets events.
    ///   - mostNumbers: the most numbers that are kept.
    init(
        _ settings: ServingSettings.Forecast.Outcomes,
        hasEvents: Bool,
        mostNumbers: Int = ForecastOutcomes.mostNumbers
    ) {
        self.settings = settings
        self.mostNumbers = mostNumbers
        countsEvents = hasEvents && settings.countsEvents
    }

    /// Opens the folder, where there is one, and goes on from what is in it.
    ///
    /// - Parameter store: the history.
    /// - Throws: `ServingError` where it cannot be used.
    func open(_ store: ForecastStore) throws(ServingError) {
        guard let folder = settings.folder else { return }
        let opened = try ForecastFiles(folder)
        let (kept, sold) = try opened.read(store.panel.period)
        files.withLock { $0 = opened }
        state.withLock { state in
            for forecasts in kept { state.kept[forecasts.origin] = forecasts }
            state.sold = sold
        }
    }

    /// Saves what was counted, and ends the use of the folder.
    func close() throws(ServingError) {
        defer {
            files.withLock { files in
                files?.close()
                files = nil
            }
        }
        try save()
    }

    /// Saves what was forecast and counted since the last time.
    ///
    /// - Throws: `ServingError` where it cannot be written; the next time tries again.
    func save() throws(ServingError) {
        let failure = files.withLock { files -> ServingError? in
            guard let files else { return nil }
            let (news, forecasts, sold) = state.withLock { state in
                let news = state.news
                state.news = News()
                return (news, news.origins.compactMap { state.kept[$0] }, state.sold)
            }
            guard news != News() else { return nil }
            do throws(ServingError) {
                for forecasts in forecasts { try files.write(forecasts) }
                try files.write(sold)
                files.remove(news.gone)
                return nil
            } catch {
                state.withLock { $0.news.add(news) }
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Keeps what a model says; what cannot be written now is written with what is saved next.
    ///
    /// - Parameters:
    ///   - table: what it says of all series.
    ///   - model: its version.
    ///   - store: the history.
    func said(_ table: ForecastTable, _ model: String, _ store: ForecastStore) {
        let time = store.now()
        let origin = store.panel.first + store.origin
        state.withLock { state in
            state.kept[origin] = KeptForecasts(
                after: state.kept[origin],
                table,
                model,
                store,
                most: settings.series,
                current: store.period(at: time)
            )
            state.news.origins.insert(origin)
            state.forgetOldest(mostNumbers)
            let names = state.kept.values.flatMap { $0.series.map(\.series) }
            let first = (state.kept.keys.min() ?? origin) + 1
            state.sold.follow(Set(names), from: first, at: countsEvents ? time : nil)
        }
        find(store)
        // Whoever saves next tells of a failure.
        try? save()
    }

    /// Counts the purchases among events that are new.
    func happened(_ events: [Event], _ store: ForecastStore) {
        guard countsEvents else { return }
        let purchases = events.compactMap { event -> (Int64, [SeriesName], Int)? in
            guard event.kind == .purchase, let item = event.item,
                let units = UnitCount(event.quantity), units > .zero
            else { return nil }
            return (
                units.thousandths, store.names(of: item, category: event.category),
                store.period(at: event.time)
            )
        }
        guard !purchases.isEmpty else { return }
        state.withLock { state in
            // Only periods that were forecast: a purchase of long ago changes nothing, and fills no memory.
            guard let first = state.kept.keys.min() else { return }
            let last = state.kept.values.reduce(first) { max($0, $1.last) }
            for (units, names, period) in purchases where period > first && period <= last {
                state.sold.count(units, of: names, in: period)
            }
            state.news.isCounted = true
        }
    }

    /// Whether a period, by its number, is one that was forecast.
    func wasForecast(_ period: Int) -> Bool {
        state.withLock { state in
            state.kept.values.contains { $0.origin < period && period <= $0.last }
        }
    }

    /// Keeps what was sold in a whole period, in place of what was reported of it before.
    ///
    /// - Parameters:
    ///   - lines: the units, in thousandths, and the series they belong to.
    ///   - period: the number of the period.
    ///   - store: the history.
    /// - Throws: `ServingError` where it cannot be kept.
    func report(
        _ lines: [(units: Int64, names: [SeriesName])],
        in period: Int,
        _ store: ForecastStore
    ) throws(ServingError) {
        state.withLock { state in
            state.sold.report(lines, in: period)
            state.news.isCounted = true
        }
        find(store)
        try save()
    }

    /// What came of the forecasts, as it was found within the last two minutes; else it is found now.
    func figures(_ store: ForecastStore) -> ForecastFigures {
        let minute = store.now() / 60_000
        if let found = state.withLock({ $0.found }), (0...1).contains(minute - found.minute) {
            return found.figures
        }
        return find(store)
    }

    /// Finds what came of the forecasts.
    ///
    /// Every minute and with everything that is new, so that nobody who asks for it waits.
    @discardableResult
    func find(_ store: ForecastStore) -> ForecastFigures {
        let time = store.now()
        let (kept, sold) = state.withLock { (Array($0.kept.values), $0.sold) }
        let figures = ForecastFigures(
            kept.sorted { $0.origin < $1.origin },
            sold,
            store,
            at: time
        )
        state.withLock { $0.found = (time / 60_000, figures) }
        return figures
    }
}

extension ForecastOutcomes.State {
    /// Forgets the forecasts of the oldest origins where there are too many numbers.
    fileprivate mutating func forgetOldest(_ most: Int) {
        var size = kept.values.reduce(0) { $0 + $1.size }
        for origin in kept.keys.sorted().dropLast() where size > most {
            size -= kept[origin]?.size ?? 0
            kept[origin] = nil
            news.origins.remove(origin)
            news.gone.insert(origin)
        }
    }
}
