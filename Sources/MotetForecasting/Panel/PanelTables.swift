import MotetData

/// Writes the rows that models of demand learn from: an origin, a period after it, and what was sold.
///
/// The last `test` periods are forecast from every origin before them (a rolling origin); so are the `validation` periods before
/// those. Rows of training are those whose period ends before the first of them: nothing that was sold later is learned from.
struct PanelTables {
    private let panel: SalesPanel
    private let settings: PanelSettings
    private let plans: PlannedPrices
    /// The places of the first periods of validation and test.
    private let validation: Int
    private let test: Int

    init(
        _ panel: SalesPanel,
        _ settings: PanelSettings,
        _ plans: PlannedPrices
    ) throws(ForecastError) {
        self.panel = panel
        self.settings = settings
        self.plans = plans
        test = panel.count - settings.test
        validation = test - settings.validation
        guard validation > settings.history else {
            throw ForecastError(
                .salesPanel,
                "panel: no period is left to learn from; expected more than `history` + `validation` + `test` = "
                    + "\(settings.history + settings.validation + settings.test) periods; received \(panel.count). "
                    + "Give a longer log, or smaller numbers."
            )
        }
    }

    /// The origins of a part, and the last period that is forecast from them.
    private func origins(_ part: Int) -> (origins: [Int], last: Int) {
        switch part {
        case 0:
            let last = validation - 1
            // Counted back from the last, which is the freshest.
            let all = stride(from: last - 1, through: settings.history - 1, by: -settings.every)
            return (all.reversed(), last)
        case 1: return (Array(validation - 1..<test - 1), test - 1)
        default: return (Array(test - 1..<panel.count - 1), panel.count - 1)
        }
    }

    /// Writes the parts.
    func write(to folder: String, progress: (Int) -> Void) throws -> [Int] {
        let series = panel.series
        let weights = weights(series)
        let columns = ForecastColumns(panel.period)
        var counts: [Int] = []
        for (part, name) in PanelFolder.parts.enumerated() {
            let writer = try TableWriter(
                path: "\(folder)/\(name).parquet",
                columns: ["origin", "target"].map { ColumnDescription(name: $0, type: .string) }
                    + columns.texts.map { ColumnDescription(name: $0, type: .string) }
                    + columns.numbers.map { ColumnDescription(name: $0, type: .float32) }
                    + ["units", "demand", "naive", "weight"].map {
                        ColumnDescription(name: $0, type: .float32)
                    }
            )
            let (origins, last) = origins(part)
            var count = 0
            for origin in origins {
                let horizons = 1...min(settings.horizon, last - origin)
                let values = values(series, origin, horizons, weights)
                try writer.append(values)
                count += values.first?.count ?? 0
                progress(count)
            }
            try writer.finish()
            counts.append(count)
        }
        return counts
    }

    /// What a row of a level weighs: of losses of units over the scale, times the scale is those of the units; over the mean
    /// scale, levels are as important as they have rows.
    private func weights(_ series: [SalesSeries]) -> [SalesLevel: Double] {
        let columns = ForecastColumns(panel.period)
        var sums: [SalesLevel: (sum: Double, count: Int)] = [:]
        for origin in origins(0).origins {
            for own in series {
                guard let scale = OriginFacts.scale(own, panel, origin, columns) else { continue }
                let (sum, count) = sums[own.level] ?? (0, 0)
                sums[own.level] = (sum + scale, count + 1)
            }
        }
        return sums.mapValues { Double($0.count) / $0.sum }
    }

    private func values(
        _ series: [SalesSeries],
        _ origin: Int,
        _ horizons: ClosedRange<Int>,
        _ weights: [SalesLevel: Double]
    ) -> [TableValues] {
        var rows = ForecastRows(panel.period)
        var (units, naive, weight): ([Float], [Float], [Float]) = ([], [], [])
        var (starts, targets): ([String], [String]) = ([], [])
        let known = panel.start(origin + 1).number - 1
        for own in series {
            let isThere = rows.add(own, of: panel, origin: origin, horizons: horizons) { place in
                guard own.level == .item else { return nil }
                let start = panel.start(place).number
                return plans.price(
                    own.name,
                    days: start...start + panel.period.days - 1,
                    known: known
                )
            }
            guard isThere else { continue }
            for horizon in horizons {
                units.append(Float(own[origin + horizon]?.units ?? 0))
                naive.append(
                    Float(
                        SeasonalNaive.units(own, of: panel, origin: origin, horizon: horizon) ?? 0
                    )
                )
                weight.append(
                    Float((weights[own.level] ?? 1) * Double(rows.scales[units.count - 1]))
                )
                starts.append(panel.start(origin).description)
                targets.append(panel.start(origin + horizon).description)
            }
        }
        let demand = zip(units, rows.scales).map { $0 / $1 }
        return [.string(starts), .string(targets)] + rows.texts.map { .string($0) }
            + rows.numbers.map { .float32($0) }
            + [.float32(units), .float32(demand), .float32(naive), .float32(weight)]
    }
}
