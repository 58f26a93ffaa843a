/// What one answer of forecasts took, and what it said.
struct ForecastReport: Sendable {
    /// The parts of the work.
    enum Stage: String, CaseIterable, Sendable {
        /// Waiting, reading and checking.
        case parse
        /// Forecasts with planned prices, and reorders.
        case compute
        /// Adding up and writing.
        case write
    }

    private var last: ContinuousClock.Instant
    /// Seconds of each stage.
    private(set) var seconds: [Stage: Double] = [:]
    /// Series by what was told of them: their level, or the fallback of an item without history.
    private(set) var series: [String: Int] = [:]
    /// Reorders that were suggested.
    var reorders = 0
    /// Whether the history is old.
    var isDegraded = false

    /// What is counted of series.
    static let kinds = ["item", "category", "total", "average", "zero"]

    init(since start: ContinuousClock.Instant) { last = start }

    /// Ends a stage.
    mutating func end(_ stage: Stage) {
        let now = ContinuousClock.now
        seconds[stage] = (now - last) / .seconds(1)
        last = now
    }

    /// Counts what is told.
    mutating func count(
        _ items: [ServingSettings.Forecast.Fallback?],
        categories: Int,
        hasTotal: Bool
    ) {
        for item in items { series[item?.rawValue ?? "item", default: 0] += 1 }
        if categories > 0 { series["category"] = categories }
        if hasTotal { series["total"] = 1 }
    }
}

/// What was forecast, for `/metrics`.
struct ForecastMetrics: Sendable {
    private var stages: [ForecastReport.Stage: Histogram] = [:]
    private var series: [String: Int] = [:]
    private var reorders = 0
    private var degraded = 0

    /// Counts an answer.
    mutating func add(_ report: ForecastReport) {
        for (stage, seconds) in report.seconds {
            stages[stage, default: Histogram(Histogram.seconds)].add(seconds)
        }
        series.merge(report.series, uniquingKeysWith: +)
        reorders += report.reorders
        if report.isDegraded { degraded += 1 }
    }

    func write(to text: inout MetricsText) {
        text.metric(
            "motet_forecast_stage_seconds",
            "histogram",
            "The stages of an answer of forecasts."
        )
        for stage in ForecastReport.Stage.allCases {
            guard let histogram = stages[stage] else { continue }
            text.histogram("motet_forecast_stage_seconds", ["stage": stage.rawValue], histogram)
        }
        text.metric(
            "motet_forecast_series_total",
            "counter",
            "Series that were forecast: by level, or by the fallback of items without history."
        )
        for kind in ForecastReport.kinds {
            text.value("motet_forecast_series_total", ["kind": kind], Double(series[kind] ?? 0))
        }
        text.metric("motet_forecast_reorders_total", "counter", "Reorders that were suggested.")
        text.value("motet_forecast_reorders_total", [:], Double(reorders))
        text.metric(
            "motet_forecast_degraded_total",
            "counter",
            "Answers from a history that is old."
        )
        text.value("motet_forecast_degraded_total", [:], Double(degraded))
    }
}

extension ServerMetrics {
    /// Counts an answer of forecasts.
    func forecast(_ report: ForecastReport) {
        withForecasts { $0.add(report) }
        if report.isDegraded { degraded() }
    }
}
