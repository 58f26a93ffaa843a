import Foundation
import Motet
import MotetFeatures
import MotetForecasting
import Synchronization
import Testing

@testable import MotetServing

/// A clock that tests set.
final class WeekClock: Sendable {
    let time: Mutex<Int64>

    init(_ time: Int64) { self.time = Mutex(time) }

    func set(_ value: Int64) { time.withLock { $0 = value } }

    var now: @Sendable () -> Int64 { { self.time.withLock { $0 } } }
}

extension ForecastShop {
    /// A time within a week after the history, from 0 on; weeks begin on Mondays in UTC.
    static func time(week: Int, hours: Int64 = 12) -> Int64 {
        1_725_840_000_000 + Int64(week) * Self.week + hours * 3_600_000
    }

    /// A new folder beside the panel.
    func folder() -> String { path + "/kept-\(UUID().uuidString)" }

    /// The history with more weeks behind it, in which each item sold a thousand units and its number.
    func longer(by weeks: Int) throws -> String {
        var lines: [SalesLine] = []
        for (place, item) in panel.items.enumerated() {
            let category = panel.categories[item.category(at: 35) ?? 0].name
            func line(_ week: Int, _ units: UnitCount) -> SalesLine {
                SalesLine(
                    item: item.name,
                    category: category,
                    period: panel.first + week,
                    units: units,
                    price: 2
                )
            }
            for week in 0..<36 where (item[week] ?? .zero) > .zero {
                lines.append(line(week, item[week] ?? .zero))
            }
            for week in 36..<(36 + weeks) {
                lines.append(line(week, UnitCount(1000 + Double(place)) ?? .zero))
            }
        }
        let long = try SalesPanel(
            lines,
            period: .week,
            first: panel.first,
            last: panel.first + 35 + weeks
        )
        let settings = try PanelSettings(contentsOf: URL(fileURLWithPath: path + "/panel.yaml"))
        let folder = path + "/panel-\(UUID().uuidString)"
        try PanelFolder.write(folder, lines, long, settings)
        return folder
    }
}

@Suite("Forecasts against outcomes") struct ForecastOutcomeTests {
    /// A history whose server gets events, and what the run forecasts of it.
    private func store(
        _ shop: ForecastShop,
        _ clock: WeekClock,
        history: String? = nil,
        hasEvents: Bool = true,
        _ more: String = ""
    ) throws -> (ForecastStore, ForecastTable) {
        var settings = try shop.settings(more)
        if let history { settings.history = history }
        let store = try ForecastStore(settings, hasEvents: hasEvents, now: clock.now)
        let model = try ServedModel(shop.served.file("run"), engine: .oneDNN, workers: 1)
        return (store, try ForecastTable(store, model, rows: 128))
    }

    private func purchase(
        _ item: String,
        _ units: Double,
        at time: Int64,
        _ kind: EventKind = .purchase,
        category: String? = nil
    ) -> Event {
        Event(
            id: UUID().uuidString,
            time: time,
            kind: kind,
            user: "u",
            item: item,
            category: category,
            quantity: units
        )
    }

    private func point(
        _ store: ForecastStore,
        _ series: SeriesName,
        week: Int
    ) throws -> ForecastFigures.Point {
        let shown = try #require(
            store.outcomes.figures(store).series.first { $0.series == series }
        )
        return try #require(shown.points.first { $0.period == store.panel.first + 36 + week })
    }

    @Test func purchasesAreCountedByPeriodAndSeries() throws {
        let shop = try ForecastShop.shared.get()
        let clock = WeekClock(ForecastShop.time(week: 0))
        let (store, table) = try store(shop, clock)
        store.outcomes.said(table, "m", store)
        let c0 = SeriesName(level: .category, name: "c0")
        func happened(_ events: [Event]) { store.outcomes.happened(events, store) }
        // The week has begun before anything was counted: its sum would be too small.
        happened([purchase("i0", 5, at: ForecastShop.time(week: 0))])
        #expect(try point(store, .total, week: 0).actual == nil)
        clock.set(ForecastShop.time(week: 1, hours: 20))
        happened([
            purchase("i0", 2, at: ForecastShop.time(week: 1, hours: 0)),
            purchase("i3", 0.5, at: ForecastShop.time(week: 1)),
            // An item without history belongs to its category, if it names one.
            purchase("new", 4, at: ForecastShop.time(week: 1), category: "c0"),
            purchase("new", 8, at: ForecastShop.time(week: 1)),
            purchase("i1", 16, at: ForecastShop.time(week: 1)),
            purchase("i0", 100, at: ForecastShop.time(week: 1), .view),
            purchase("i0", 100, at: ForecastShop.time(week: 1), .returned),
            purchase("i0", 1, at: ForecastShop.time(week: 2, hours: 0) - 1),
            // Far away: no week that was forecast.
            purchase("i0", 100, at: ForecastShop.time(week: 9)),
            purchase("i0", 100, at: ForecastShop.time(week: -3)),
        ])
        // So far, then over, an hour later.
        let going = try point(store, c0, week: 1)
        #expect(going.actual == 7.5 && !going.isOver)
        #expect(store.outcomes.figures(store).scores.isEmpty)
        clock.set(ForecastShop.time(week: 2, hours: 0) + ForecastOutcomes.grace - 180_000)
        #expect(store.outcomes.figures(store).scores.isEmpty)
        clock.set(ForecastShop.time(week: 2, hours: 0) + ForecastOutcomes.grace)
        #expect(try point(store, .total, week: 1).actual == 31.5)
        #expect(try point(store, c0, week: 1).actual == 7.5)
        let figures = store.outcomes.figures(store)
        #expect(figures.scores.map(\.level) == [.total, .category, .item])
        #expect(figures.scores.allSatisfy { $0.ahead == 2 && $0.periods.count == 1 })
        #expect(figures.scores.map(\.count) == [1, 3, 9])
        // Of items those without a purchase sold nothing.
        let items: [Double] = (0..<9).map { [0: 3.0, 3: 0.5, 1: 16][$0] ?? 0 }
        let errors = items.enumerated().reduce(0.0) { sum, item in
            sum + abs(item.element - table[store.firstItem + item.offset][1].mean.units)
        }
        let score = try #require(figures.scores.last)
        #expect(abs(score.error - errors) < 1e-9 && abs(score.actual - 19.5) < 1e-9)
        #expect(abs((score.wape ?? 0) - errors / 19.5) < 1e-12)
    }

    @Test func theNextHistoryTellsWhatWasSold() throws {
        let shop = try ForecastShop.shared.get()
        let folder = shop.folder()
        let more = "outcomes: { store: \(folder) }"
        let clock = WeekClock(ForecastShop.time(week: 0))
        let (first, table) = try store(shop, clock, hasEvents: false, more)
        try first.outcomes.open(first)
        first.outcomes.said(table, "old", first)
        clock.set(ForecastShop.time(week: 2))
        // Reported before; the history is truer.
        try first.outcomes.report([(7_000, [.total])], in: first.panel.first + 36, first)
        #expect(try point(first, .total, week: 0).actual == 7)
        #expect(try point(first, .total, week: 1).actual == nil)
        try first.outcomes.close()
        let (next, later) = try store(
            shop,
            clock,
            history: try shop.longer(by: 2),
            hasEvents: false,
            more
        )
        try next.outcomes.open(next)
        next.outcomes.said(later, "new", next)
        let figures = next.outcomes.figures(next)
        // Nine items of a thousand and their numbers, one and two weeks ahead.
        #expect(try point(next, .total, week: 0).actual == 9_036)
        #expect(try point(next, .total, week: 1).actual == 9_036)
        #expect(figures.scores.map(\.ahead) == [1, 2, 1, 2, 1, 2])
        for (score, weight) in zip(figures.scores, [1, 1, 3, 3, 9, 9]) {
            #expect(score.count == weight && score.actual == 9_036 && score.inside == 0)
            let means: Double
            switch score.level {
            case .item:
                means = (0..<9).reduce(0) {
                    $0 + table[first.firstItem + $1][score.ahead - 1].mean.units
                }
            case .category, .total: means = table.sums[score.ahead - 1].total.units
            }
            #expect(abs(score.expected - means) < 1e-6)
            #expect(abs(score.error - (9_036 - means)) < 1e-6)
        }
        // A week that both forecast shows what the later one says.
        let both = try point(next, .total, week: 2)
        #expect(both.mean == later.sums[0].total.units && both.actual == nil && !both.isOver)
        try next.outcomes.close()
    }

    @Test func nobodyForecastsWhatIsOver() throws {
        let shop = try ForecastShop.shared.get()
        let clock = WeekClock(ForecastShop.time(week: 1))
        let (store, table) = try store(shop, clock)
        // A server that began in the second week has said nothing of the first.
        func kept(_ before: KeptForecasts?, _ model: String, week: Int) -> KeptForecasts {
            KeptForecasts(
                after: before,
                table,
                model,
                store,
                most: 2,
                current: store.panel.first + 36 + week
            )
        }
        var forecasts = kept(nil, "a", week: 1)
        #expect(
            forecasts.series.map(\.series.level) == [.total, .category, .category, .item, .item]
        )
        #expect(forecasts.series.allSatisfy { $0.mean.count == 4 && $0.mean[0] == nil })
        let said = forecasts.series.map { $0.mean.dropFirst() }
        // Another model may say something else of what is not over, and of nothing else.
        for place in forecasts.series.indices {
            forecasts.series[place].mean = [nil, 1, 2, 3]
            forecasts.series[place].low = [nil, 0, 0, 0]
            forecasts.series[place].high = [nil, 9, 9, 9]
        }
        let after = kept(forecasts, "b", week: 2)
        #expect(after.model == "b" && after.series.map(\.series) == forecasts.series.map(\.series))
        for (series, old) in zip(after.series, said) {
            #expect(series.mean[0] == nil && series.mean[1] == 1)
            #expect(series.low[1] == 0 && series.high[1] == 9)
            #expect(Array(series.mean.dropFirst(2)) == Array(old.dropFirst()))
        }
        #expect(kept(forecasts, "c", week: 40).series.map(\.mean) == forecasts.series.map(\.mean))
        #expect(abs(after.stated - 0.8) < 1e-12)
        // The items of which most is expected, by the sums over all periods.
        let sums = (0..<9).map { item in
            table[store.firstItem + item].reduce(0) { $0 + $1.mean.units }
        }
        let greatest = sums.indices.sorted { sums[$0] > sums[$1] }.prefix(2).map { "i\($0)" }
        #expect(after.series.suffix(2).map(\.series.name) == greatest)
    }

    /// What was not counted for a while has a gap, and begins anew.
    @Test func seriesAreCountedFromWhenTheyAreFollowed() {
        let item = SeriesName(level: .item, name: "i")
        var sold = SoldUnits()
        sold.follow([.total], from: 10, at: 100)
        sold.count(5, of: [.total, item], in: 10)
        sold.count(2, of: [.total], in: 11)
        #expect(sold.counted == [.total: [10: 5, 11: 2]])
        sold.follow([.total, item], from: 11, at: 300)
        #expect(sold.since == [.total: 100, item: 300] && sold.counted == [.total: [11: 2]])
        sold.follow([.total], from: 11, at: nil)
        #expect(sold.since == [.total: nil])
        sold.follow([.total], from: 11, at: 400)
        #expect(sold.since == [.total: 400])
        sold.report([(3, [.total, item]), (4, [.total])], in: 11)
        #expect(sold.reported == [11: [.total: 7]])
        sold.follow([], from: 12, at: 500)
        #expect(sold.since.isEmpty && sold.counted.isEmpty && sold.reported.isEmpty)
    }

    /// A server whose events were left out for a while does not take what it missed for nothing sold.
    @Test func aWeekThatWasNotCountedWholeIsNoOutcome() throws {
        let shop = try ForecastShop.shared.get()
        let more = "outcomes: { store: \(shop.folder()) }"
        let clock = WeekClock(ForecastShop.time(week: 0, hours: 0))
        for (week, hasEvents) in [(0, true), (1, false), (2, true)] {
            clock.set(ForecastShop.time(week: week, hours: week == 0 ? 0 : 12))
            let (store, table) = try store(shop, clock, hasEvents: hasEvents, more)
            try store.outcomes.open(store)
            store.outcomes.said(table, "m", store)
            store.outcomes.happened([purchase("i0", 2, at: clock.now())], store)
            if week == 0 {
                clock.set(ForecastShop.time(week: 1))
                #expect(try point(store, .total, week: 0).actual == 2)
            }
            try store.outcomes.close()
        }
        clock.set(ForecastShop.time(week: 4))
        let (store, table) = try store(shop, clock, more)
        try store.outcomes.open(store)
        store.outcomes.said(table, "m", store)
        let actual = try (0..<4).map { try point(store, .total, week: $0).actual }
        #expect(actual == [nil, nil, nil, 0])
        try store.outcomes.close()
    }

    @Test(arguments: ["forecasts-", "sold.json"])
    func filesOfAFormThatIsNotKnownAreRefusedAndStay(prefix: String) throws {
        let shop = try ForecastShop.shared.get()
        let folder = shop.folder()
        let clock = WeekClock(ForecastShop.time(week: 0))
        let (store, table) = try store(shop, clock, "outcomes: { store: \(folder) }")
        try store.outcomes.open(store)
        store.outcomes.said(table, "m", store)
        try store.outcomes.close()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let file = folder + "/" + (try #require(names.first { $0.hasPrefix(prefix) }))
        let text = try String(contentsOfFile: file, encoding: .utf8)
        // A later form may have other fields altogether.
        for later in [
            text.replacing("\"format\":1", with: "\"format\":2"), "{\"format\":2,\"rows\":[]}",
        ] {
            #expect(later != text)
            try later.write(toFile: file, atomically: true, encoding: .utf8)
            let error = #expect(throws: ServingError.self) { try store.outcomes.open(store) }
            #expect(error?.code == .forecastUnusable)
            #expect(
                error?.description
                    == "forecast.outcomes: \(file) has a form this version does not know; expected 1; received 2. "
                    + "Serve with the version that wrote it, or name another folder."
            )
            #expect(try String(contentsOfFile: file, encoding: .utf8) == later)
        }
        // The folder was given back, and what is known is read again.
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        try store.outcomes.open(store)
        try store.outcomes.close()
    }

    @Test func theOldestForecastsGoWhereThereAreTooMany() throws {
        let shop = try ForecastShop.shared.get()
        let folder = shop.folder()
        let clock = WeekClock(ForecastShop.time(week: 0))
        let (store, table) = try store(shop, clock, "outcomes: { store: \(folder), series: 5 }")
        let size = 3 * 4 * (1 + 3 + 5)
        let outcomes = ForecastOutcomes(
            store.settings.outcomes,
            hasEvents: true,
            mostNumbers: 3 * size
        )
        try outcomes.open(store)
        outcomes.said(table, "m", store)
        try outcomes.close()
        // The same of earlier origins.
        let origin = store.panel.first + 35
        let text = try String(contentsOfFile: folder + "/forecasts-\(origin).json", encoding: .utf8)
        for earlier in 1...5 {
            try text.replacing("\"origin\":\(origin)", with: "\"origin\":\(origin - earlier)")
                .write(
                    toFile: folder + "/forecasts-\(origin - earlier).json",
                    atomically: true,
                    encoding: .utf8
                )
        }
        try outcomes.open(store)
        #expect(outcomes.wasForecast(origin - 4))
        outcomes.said(table, "m", store)
        #expect(!outcomes.wasForecast(origin - 2) && outcomes.wasForecast(origin - 1))
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(
            files == (0..<3).reversed().map { "forecasts-\(origin - $0).json" } + [
                "lock", "sold.json",
            ]
        )
        try outcomes.close()
    }

    @Test func aFolderThatCannotBeUsedIsToldWithTheReason() throws {
        let shop = try ForecastShop.shared.get()
        let folder = shop.folder()
        let clock = WeekClock(ForecastShop.time(week: 0))
        let (store, table) = try store(shop, clock, "outcomes: { store: \(folder) }")
        let other = ForecastOutcomes(store.settings.outcomes, hasEvents: true)
        func problem() -> String {
            let error = #expect(throws: ServingError.self) { try other.open(store) }
            return error?.description ?? ""
        }
        try store.outcomes.open(store)
        #expect(problem().contains("is used by another process"))
        store.outcomes.said(table, "m", store)
        try store.outcomes.close()
        let file = folder + "/forecasts-\(store.panel.first + 35).json"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try text.replacing("\"week\"", with: "\"day\"")
            .write(toFile: file, atomically: true, encoding: .utf8)
        #expect(
            problem().contains(
                "is of forecasts by the day; expected those of the history, by the week"
            )
        )
        try String(text.dropLast(9)).write(toFile: file, atomically: true, encoding: .utf8)
        #expect(problem().contains("does not read; expected what this server wrote"))
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        try other.open(store)
        try other.close()
    }
}
