/// What recommendations took and came from, for `/metrics`.
struct RecommendMetrics: Sendable {
    private var stages: [RecommendRecord.Stage: Histogram] = [:]
    private var candidates: [String: Histogram] = [:]
    private var outcomes: [String: [RecommendRecord.Outcome: Int]] = [:]
    private var removed: [String: Int] = [:]
    private var shown = Histogram(Histogram.items)
    private var empty = 0
    private var fallbacks = 0

    /// The codes of rules that remove candidates, in their order.
    static let rules = [
        "blocked_item", "blocked_category", "out_of_stock", "frequency_cap", "no_score",
        "category_full",
    ]

    /// Counts an answer.
    mutating func add(_ record: RecommendRecord) {
        for (stage, seconds) in record.seconds {
            stages[stage, default: Histogram(Histogram.seconds)].add(seconds)
        }
        for source in record.sources {
            candidates[source.name, default: Histogram(Histogram.items)]
                .add(Double(source.candidates))
            outcomes[source.name, default: [:]][source.outcome, default: 0] += 1
        }
        for rule in Self.rules { removed[rule, default: 0] += record.outcomes[rule] ?? 0 }
        shown.add(Double(record.shown))
        if record.shown == 0 { empty += 1 }
        if record.usedFallback { fallbacks += 1 }
    }

    func write(to text: inout MetricsText) {
        text.metric(
            "motet_recommend_stage_seconds",
            "histogram",
            "The stages of an answer of recommendations."
        )
        for stage in RecommendRecord.Stage.allCases {
            guard let histogram = stages[stage] else { continue }
            text.histogram("motet_recommend_stage_seconds", ["stage": stage.rawValue], histogram)
        }
        text.metric(
            "motet_recommend_candidates",
            "histogram",
            "Candidates a source brought to a request."
        )
        for (source, histogram) in candidates.sorted(by: { $0.key < $1.key }) {
            text.histogram("motet_recommend_candidates", ["source": source], histogram)
        }
        text.metric(
            "motet_recommend_source_total",
            "counter",
            "Questions to sources of candidates by outcome."
        )
        for (source, counts) in outcomes.sorted(by: { $0.key < $1.key }) {
            for outcome in RecommendRecord.Outcome.allCases {
                text.value(
                    "motet_recommend_source_total",
                    ["source": source, "outcome": outcome.rawValue],
                    Double(counts[outcome] ?? 0)
                )
            }
        }
        text.metric(
            "motet_recommend_removed_total",
            "counter",
            "Candidates that rules removed, by rule."
        )
        for rule in Self.rules {
            text.value(
                "motet_recommend_removed_total",
                ["rule": rule],
                Double(removed[rule] ?? 0)
            )
        }
        text.metric("motet_recommend_items", "histogram", "Items of an answer.")
        text.histogram("motet_recommend_items", [:], shown)
        text.metric("motet_recommend_empty_total", "counter", "Answers without an item.")
        text.value("motet_recommend_empty_total", [:], Double(empty))
        text.metric(
            "motet_recommend_fallback_total",
            "counter",
            "Answers whose candidates came from the source of last resort alone."
        )
        text.value("motet_recommend_fallback_total", [:], Double(fallbacks))
    }
}
