import MotetCore
import MotetForecasting
import NIOCore

/// Answers `POST /v1/forecast`, on the thread it is called on.
struct Forecaster: Sendable {
    let store: ForecastStore
    let rollout: Rollout
    let limits: ServingSettings.Limits
    let requestID: String

    /// The names of the fields of a forecast, of which an answer has a thousand.
    private enum Name {
        static let forecasts = JSONName("forecasts")
        static let start = JSONName("start")
        static let mean = JSONName("mean")
        static let quantiles = JSONName("quantiles")
        static let units = JSONName("units")
    }

    /// What an answer tells of an item.
    private struct Told {
        var item: ForecastRequest.Item
        /// Its category, by its place; nil for one without history.
        var category: Int?
        var entries: [ForecastTable.Entry]
        /// What it got instead of a forecast of its own.
        var fallback: ServingSettings.Forecast.Fallback?
        var reorder: Reorder?
    }

    /// Answers a body.
    ///
    /// - Parameters:
    ///   - body: the bytes of the request.
    ///   - start: when it was handed to the threads.
    /// - Returns: the answer, and what it took.
    /// - Throws: `RequestError` for what is wrong with the request.
    func answer(
        _ body: ByteBuffer,
        since start: ContinuousClock.Instant
    ) throws -> (Answer, ForecastReport) {
        var report = ForecastReport(since: start)
        let value = try body.withUnsafeReadableBytes { bytes in
            try bytes.withMemoryRebound(to: UInt8.self) {
                try JSONParser.parse($0, maximumDepth: limits.jsonDepth)
            }
        }
        let request = try ForecastRequest(value, store, limits)
        guard let (model, variant) = rollout.model(for: nil), let table = model.forecasts else {
            throw RequestError.notReady(limits)
        }
        report.end(.parse)
        let changed = try planned(request, model, table)
        let items = try request.items.map { try told($0, table, changed) }
        report.end(.compute)
        report.isDegraded = store.periodsPassed(at: request.time) > store.settings.stalePeriods
        report.count(
            items.map(\.fallback),
            categories: request.categories.count,
            hasTotal: request.hasTotal
        )
        report.reorders = items.count { $0.reorder != nil }
        var writer = JSONWriter(capacity: 512 + 256 * request.horizon * (items.count + 1))
        writer.object { writer in
            write(model, variant, report.isDegraded, to: &writer)
            writer.key("items")
            writer.array { writer in
                for item in items { writer.object { write(item, request.horizon, to: &$0) } }
            }
            let sums = sums(request, table, changed)
            writer.key("categories")
            writer.array { writer in
                for category in request.categories {
                    writer.object { writer in
                        writer.key("id")
                        writer.text(store.panel.categories[category].name)
                        let entries = table[store.firstCategory + category]
                        let means = sums.map { $0.categories[category] }
                        write(reconciled(entries, means), request.horizon, to: &writer)
                    }
                }
            }
            writer.key("total")
            if request.hasTotal {
                writer.object { writer in
                    write(reconciled(table[0], sums.map(\.total)), request.horizon, to: &writer)
                }
            } else {
                writer.null()
            }
        }
        report.end(.write)
        var answer = Answer(body: writer.bytes)
        answer.notes = ["model": model.version, "variant": variant]
        return (answer, report)
    }

    /// The forecasts of items with planned prices, by their places among the items.
    private func planned(
        _ request: ForecastRequest,
        _ model: ServedModel,
        _ table: ForecastTable
    ) throws -> [Int: [ForecastTable.Entry]] {
        var prices: [Int: [Double?]] = [:]
        for item in request.items where item.planned.contains(where: { $0 != nil }) {
            guard let place = store.panel.place(ofItem: item.name) else { continue }
            prices[place] = item.planned
        }
        let places = prices.keys.sorted()
        var changed: [Int: [ForecastTable.Entry]] = [:]
        let step = max(1, limits.candidates / store.horizon)
        for start in stride(from: 0, to: places.count, by: step) {
            let part = places[start..<min(start + step, places.count)]
            let entries = try ForecastTable.entries(
                part.map { store.firstItem + $0 },
                store,
                model,
                table.tasks
            ) { series, ahead in
                guard let own = prices[series - store.firstItem], own.indices.contains(ahead - 1)
                else { return nil }
                return own[ahead - 1]
            }
            for (place, own) in zip(part, entries) { changed[place] = own }
        }
        return changed
    }

    private func told(
        _ item: ForecastRequest.Item,
        _ table: ForecastTable,
        _ changed: [Int: [ForecastTable.Entry]]
    ) throws -> Told {
        var told: Told
        if let place = store.panel.place(ofItem: item.name) {
            told = Told(
                item: item,
                category: store.hierarchy.parents[place],
                entries: changed[place] ?? table[store.firstItem + place]
            )
        } else {
            let category = item.category.flatMap { store.panel.place(ofCategory: $0) }
            var entries = table.average(category)
            if store.settings.fallback == .zero {
                entries = entries.map {
                    ForecastTable.Entry(mean: .zero, quantiles: $0.quantiles.scaled(by: 0))
                }
            }
            told = Told(item: item, entries: entries, fallback: store.settings.fallback)
        }
        guard let terms = item.reorder else { return told }
        let demand = try ForecastQuantiles.ofSum(
            told.entries.prefix(terms.periods).map { ($0.mean.units, $0.quantiles) },
            correlation: store.settings.reorder.correlation
        )
        told.reorder = try Reorder(terms.terms, demand: DemandDistribution(demand))
        return told
    }

    /// The sums of each period, with items whose prices are planned.
    private func sums(
        _ request: ForecastRequest,
        _ table: ForecastTable,
        _ changed: [Int: [ForecastTable.Entry]]
    ) -> [(categories: [UnitCount], total: UnitCount)] {
        guard !changed.isEmpty else { return table.sums }
        var sums = table.sums
        for (place, entries) in changed {
            let parent = store.hierarchy.parents[place]
            for (period, entry) in entries.enumerated() {
                let before = table[store.firstItem + place][period].mean
                // Forecasts are at most 1e15 thousandths, and all of them fit.
                let change = entry.mean.thousandths - before.thousandths
                sums[period].categories[parent].thousandths += change
                sums[period].total.thousandths += change
            }
        }
        return sums
    }

    /// The forecasts of a model of sums, brought to what its items add up to.
    private func reconciled(
        _ entries: [ForecastTable.Entry],
        _ means: [UnitCount]
    ) -> [ForecastTable.Entry] {
        zip(entries, means).map { entry, mean in
            let factor = Hierarchy.factor(own: entry.mean.units, sum: mean)
            return ForecastTable.Entry(mean: mean, quantiles: entry.quantiles.scaled(by: factor))
        }
    }

    private func write(
        _ model: ServedModel,
        _ variant: String,
        _ isDegraded: Bool,
        to writer: inout JSONWriter
    ) {
        writer.key("request_id")
        writer.text(requestID)
        writer.key("model")
        writer.text(model.version)
        writer.key("variant")
        writer.text(variant)
        writer.key("degraded")
        writer.boolean(isDegraded)
        writer.key("period")
        writer.text(store.panel.period.rawValue)
        writer.key("origin")
        writer.text(store.panel.start(store.origin).description)
    }

    private func write(_ told: Told, _ horizon: Int, to writer: inout JSONWriter) {
        writer.key("id")
        writer.value(told.item.id)
        writer.key("category")
        if let category = told.category {
            writer.text(store.panel.categories[category].name)
        } else {
            writer.null()
        }
        writer.key("fallback")
        if let fallback = told.fallback { writer.text(fallback.rawValue) } else { writer.null() }
        write(told.entries, horizon, to: &writer)
        writer.key("reorder")
        guard let reorder = told.reorder else { return writer.null() }
        writer.object { writer in
            for (name, value) in [
                ("critical_ratio", reorder.criticalRatio), ("target", reorder.target),
                ("quantity", reorder.quantity), ("expected_cost", reorder.expectedCost),
                ("expected_shortage", reorder.expectedShortage),
            ] {
                writer.key(name)
                writer.number(value)
            }
        }
    }

    private func write(
        _ entries: [ForecastTable.Entry],
        _ horizon: Int,
        to writer: inout JSONWriter
    ) {
        writer.key(Name.forecasts)
        writer.array { writer in
            for (period, entry) in entries.prefix(horizon).enumerated() {
                writer.object { writer in
                    writer.key(Name.start)
                    writer.text(store.starts[period])
                    writer.key(Name.mean)
                    writer.thousandths(entry.mean.thousandths)
                    writer.key(Name.quantiles)
                    writer.array { writer in
                        for (level, value) in zip(store.levelMembers, entry.quantiles.values) {
                            writer.object { writer in
                                writer.members(level)
                                writer.key(Name.units)
                                writer.thousandths(Int64((value * 1000).rounded()))
                            }
                        }
                    }
                }
            }
        }
    }
}
