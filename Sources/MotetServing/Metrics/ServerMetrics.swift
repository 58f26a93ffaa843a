import Foundation
import MotetLedger
import Synchronization

/// What the server counts and times, for `/metrics`.
final class ServerMetrics: Sendable {
    /// What became of a change of models.
    enum Change: String, CaseIterable, Sendable {
        case loaded, failed
        case rolledBack = "rolled_back"
    }

    /// All counts of one moment.
    struct State: Sendable {
        var requests: [String: [Int: Int]] = [:]
        var requestSeconds: [String: Histogram] = [:]
        var stages: [ScoreRecord.Stage: Histogram] = [:]
        var items = Histogram(Histogram.items)
        /// Requests of scores that were computed together, by batches.
        var batches = 0
        var batchedRequests = 0
        var degraded = 0
        var scores: [String: Histogram] = [:]
        var changes: [Change: Int] = [:]
        var variants: [String: Int] = [:]
        var shadows: [Shadow.Outcome: Int] = [:]
        var differences: [String: Histogram] = [:]
        var store = StoreMetrics()
        var history = TrafficHistory()
        /// nil where no ad was sold or charged yet.
        var ads: AdMetrics?
        /// nil where nothing was recommended yet.
        var recommend: RecommendMetrics?
        /// nil where nothing was judged yet.
        var risk: RiskMetrics?
        /// nil where nothing was forecast yet.
        var forecasts: ForecastMetrics?
        /// nil where no price was chosen yet.
        var prices: PriceMetrics?
    }

    private let state = Mutex(State())
    /// When the process began to count.
    let started = Date.now
    private let start = ContinuousClock.now
    /// Watches the scores of the models.
    let monitor = ScoreMonitor()
    /// When drift is an alarm.
    let drift: ServingSettings.Drift

    /// Holds predictions against what happened; nil where nobody asks for it.
    let outcomes: OutcomeWatch?
    /// Holds forecasts against what is sold; nil where nothing is forecast.
    let demand: ForecastStore?

    /// Counts from now on.
    init(
        drift: ServingSettings.Drift = ServingSettings.Drift(),
        outcomes: OutcomeWatch? = nil,
        forecasts: ForecastStore? = nil
    ) {
        self.drift = drift
        self.outcomes = outcomes
        demand = forecasts
    }

    /// How far inputs, scores and outcomes are from what was expected.
    var checks: [DriftCheck] { monitor.checks(drift) + (outcomes?.checks ?? []) }

    /// Seconds since the process began to count.
    var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// All counts of this moment.
    var snapshot: State { state.withLock { $0 } }

    /// Counts a request.
    func request(_ route: String, status: Int, seconds: Double) {
        let now = self.seconds
        state.withLock { state in
            state.history.add(route, status: status, taken: seconds, at: now)
            state.requests[route, default: [:]][status, default: 0] += 1
            state.requestSeconds[route, default: Histogram(Histogram.seconds)].add(seconds)
        }
    }

    /// Counts an answer of scores.
    func scored(_ record: ScoreRecord) {
        state.withLock { state in
            for (stage, seconds) in record.seconds {
                state.stages[stage, default: Histogram(Histogram.seconds)].add(seconds)
            }
            state.items.add(Double(record.items))
        }
        computed(record)
    }

    /// Counts a batch of requests that were computed together.
    func batched(requests: Int) {
        state.withLock { state in
            state.batches += 1
            state.batchedRequests += requests
        }
    }

    /// Counts an answer from what was last known, other than of scores.
    func degraded() { state.withLock { $0.degraded += 1 } }

    /// Whether the store of features cannot be asked.
    var isStoreAway: Bool { state.withLock { $0.store.isAway } }

    /// Counts an answer of recommendations.
    func recommended(_ record: RecommendRecord) {
        if let tally = record.tally { monitor.add(tally) }
        state.withLock { state in
            state.recommend = state.recommend ?? RecommendMetrics()
            state.recommend?.add(record)
            if record.isDegraded { state.degraded += 1 }
            state.variants[record.variant, default: 0] += 1
            for (task, scores) in record.scores {
                state.scores[task, default: Histogram(Histogram.scores)].add(scores)
            }
        }
    }

    /// Counts an answer of risk.
    func judged(_ report: RiskReport) {
        state.withLock { state in
            state.risk = state.risk ?? RiskMetrics()
            state.risk?.add(report)
        }
        if report.verdict != nil { computed(report.scores) }
    }

    /// Counts what a model computed for a decision: its variant, its scores, and whether features were missing.
    func computed(_ record: ScoreRecord) {
        if let tally = record.tally { monitor.add(tally) }
        state.withLock { state in
            if record.isDegraded { state.degraded += 1 }
            state.variants[record.variant, default: 0] += 1
            for (task, scores) in record.scores {
                state.scores[task, default: Histogram(Histogram.scores)].add(scores)
            }
        }
    }

    /// Counts a change of models.
    func changed(_ change: Change) { state.withLock { $0.changes[change, default: 0] += 1 } }

    /// Counts a request to a shadow, and the mean difference of each task.
    func shadowed(_ outcome: Shadow.Outcome, _ differences: [String: Double]) {
        state.withLock { state in
            state.shadows[outcome, default: 0] += 1
            for (task, difference) in differences {
                state.differences[task, default: Histogram(Histogram.scores)].add(difference)
            }
        }
    }

    /// Counts an answer of prices, and how long keeping them took.
    func priced(_ decided: PriceDesk.Decided, keepSeconds: Double, known: Int) {
        state.withLock { state in
            var prices = state.prices ?? PriceMetrics()
            prices.add(decided, keepSeconds: keepSeconds, known: known)
            state.prices = prices
        }
        var record = decided.record
        // Also where a price of the period followed from old features.
        record.isDegraded = decided.isDegraded
        computed(record)
    }

    /// Counts prices that could not be kept.
    func priceFailed() {
        state.withLock { state in
            var prices = state.prices ?? PriceMetrics()
            prices.addFailure()
            state.prices = prices
        }
    }

    /// Counts what became of ads.
    func withAds(_ body: (inout AdMetrics) -> Void) {
        state.withLock { state in
            var ads = state.ads ?? AdMetrics()
            body(&ads)
            state.ads = ads
        }
    }

    /// Counts what was forecast.
    func withForecasts(_ body: (inout ForecastMetrics) -> Void) {
        state.withLock { state in
            var forecasts = state.forecasts ?? ForecastMetrics()
            body(&forecasts)
            state.forecasts = forecasts
        }
    }

    /// Counts what the store of features did.
    func withStore(_ body: (inout StoreMetrics) -> Void) { state.withLock { body(&$0.store) } }

    /// All of it as text.
    ///
    /// - Parameters:
    ///   - pool: the threads, for what waits and is computed now.
    ///   - models: the models, for the version that answers.
    ///   - campaigns: the day of each campaign.
    ///   - caches: what is kept in memory beside what the models keep.
    /// - Returns: the text in UTF-8.
    func text(
        _ pool: WorkerPool,
        _ models: ModelStore,
        _ campaigns: [CampaignFigures] = [],
        caches: [CacheFigures] = []
    ) -> [UInt8] {
        var text = MetricsText()
        let state = snapshot
        write(state, to: &text)
        writeRollout(state, to: &text)
        monitor.write(to: &text)
        DriftCheck.write(checks, to: &text)
        outcomes?.write(to: &text)
        state.store.write(to: &text)
        state.recommend?.write(to: &text)
        state.risk?.write(to: &text)
        state.forecasts?.write(to: &text)
        if let demand { demand.outcomes.figures(demand).write(to: &text) }
        state.prices?.write(to: &text)
        state.ads?.write(campaigns, to: &text)
        CacheFigures.write(CacheFigures.all(models) + caches, to: &text)
        let load = pool.load
        text.metric("motet_queue_waiting", "gauge", "Requests that wait for a thread.")
        text.value("motet_queue_waiting", [:], Double(load.waiting))
        text.metric("motet_queue_limit", "gauge", "Requests that may wait for a thread.")
        text.value("motet_queue_limit", [:], Double(pool.limit))
        text.metric("motet_workers_busy", "gauge", "Threads that compute now.")
        text.value("motet_workers_busy", [:], Double(load.running))
        text.metric("motet_workers", "gauge", "Threads that compute.")
        text.value("motet_workers", [:], Double(pool.threads))
        text.metric(
            "motet_model_info",
            "gauge",
            "The models that are held; 1 for the one that answers."
        )
        let (current, previous) = (models.current, models.previous)
        if let current { text.value("motet_model_info", ["version": current.version], 1) }
        if let previous, previous.version != current?.version {
            text.value("motet_model_info", ["version": previous.version], 0)
        }
        writeProcess(to: &text)
        return text.bytes
    }

    private func write(_ state: State, to text: inout MetricsText) {
        text.metric("motet_requests_total", "counter", "Requests by route and status.")
        for (route, statuses) in state.requests.sorted(by: { $0.key < $1.key }) {
            for (status, count) in statuses.sorted(by: { $0.key < $1.key }) {
                text.value(
                    "motet_requests_total",
                    ["route": route, "status": "\(status)"],
                    Double(count)
                )
            }
        }
        text.metric(
            "motet_request_seconds",
            "histogram",
            "From the head of a request to its answer."
        )
        for (route, histogram) in state.requestSeconds.sorted(by: { $0.key < $1.key }) {
            text.histogram("motet_request_seconds", ["route": route], histogram)
        }
        text.metric("motet_score_stage_seconds", "histogram", "The stages of an answer of scores.")
        for stage in ScoreRecord.Stage.allCases {
            guard let histogram = state.stages[stage] else { continue }
            text.histogram("motet_score_stage_seconds", ["stage": stage.rawValue], histogram)
        }
        text.metric("motet_score_items", "histogram", "Items of a request of scores.")
        text.histogram("motet_score_items", [:], state.items)
        text.metric(
            "motet_micro_batches_total",
            "counter",
            "Batches of several small requests of scores."
        )
        text.value("motet_micro_batches_total", [:], Double(state.batches))
        text.metric(
            "motet_micro_batched_requests_total",
            "counter",
            "Requests of scores that were computed with others."
        )
        text.value("motet_micro_batched_requests_total", [:], Double(state.batchedRequests))
        text.metric(
            "motet_degraded_total",
            "counter",
            "Answers from features that may have been old."
        )
        text.value("motet_degraded_total", [:], Double(state.degraded))
        text.metric(
            "motet_score",
            "histogram",
            "Scores by task: probabilities, or numbers of regressions."
        )
        for (task, histogram) in state.scores.sorted(by: { $0.key < $1.key }) {
            text.histogram("motet_score", ["task": task], histogram)
        }
        text.metric("motet_model_changes_total", "counter", "Changes of models by outcome.")
        for change in Change.allCases {
            text.value(
                "motet_model_changes_total",
                ["outcome": change.rawValue],
                Double(state.changes[change] ?? 0)
            )
        }
    }

    private func writeRollout(_ state: State, to text: inout MetricsText) {
        text.metric(
            "motet_variant_total",
            "counter",
            "Answers of scores by part of the experiment."
        )
        for (variant, count) in state.variants.sorted(by: { $0.key < $1.key }) {
            text.value("motet_variant_total", ["variant": variant], Double(count))
        }
        text.metric("motet_shadow_total", "counter", "Requests to the shadow by outcome.")
        for outcome in Shadow.Outcome.allCases {
            text.value(
                "motet_shadow_total",
                ["outcome": outcome.rawValue],
                Double(state.shadows[outcome] ?? 0)
            )
        }
        text.metric(
            "motet_shadow_difference",
            "histogram",
            "Mean absolute difference of a request's scores to the shadow's, by task."
        )
        for (task, histogram) in state.differences.sorted(by: { $0.key < $1.key }) {
            text.histogram("motet_shadow_difference", ["task": task], histogram)
        }
    }

    private func writeProcess(to text: inout MetricsText) {
        text.metric("process_start_time_seconds", "gauge", "When the process began, since 1970.")
        text.value("process_start_time_seconds", [:], started.timeIntervalSince1970)
        text.metric("process_cpu_seconds_total", "counter", "Seconds computed, user and system.")
        if let seconds = ProcessFigures.processorSeconds {
            text.value("process_cpu_seconds_total", [:], seconds)
        }
        text.metric("process_resident_memory_bytes", "gauge", "Memory that is resident.")
        if let bytes = ProcessFigures.residentBytes {
            text.value("process_resident_memory_bytes", [:], bytes)
        }
    }
}
