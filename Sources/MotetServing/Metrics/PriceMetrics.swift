import MotetDecisions

/// What prices were chosen, for `/metrics`.
struct PriceMetrics: Sendable {
    private var chosen: [PriceReason: Int] = [:]
    private var moves: [String: Int] = [:]
    private var repeated = 0
    private var failures = 0
    private var known = 0
    private var changes = Histogram(PriceMetrics.bounds)
    private var propensities = Histogram(Histogram.scores)
    private var stages: [String: Histogram] = [:]

    /// Bounds of relative changes of prices.
    static let bounds = [-0.5, -0.2, -0.1, -0.05, -0.02, -0.01, 0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
    /// The names of the stages, in order.
    static let stages = ScoreRecord.Stage.allCases.map(\.rawValue) + ["keep"]

    /// Counts an answer.
    mutating func add(_ decided: PriceDesk.Decided, keepSeconds: Double, known: Int) {
        self.known = known
        for (stage, seconds) in decided.record.seconds {
            stages[stage.rawValue, default: Histogram(Histogram.seconds)].add(seconds)
        }
        stages["keep", default: Histogram(Histogram.seconds)].add(keepSeconds)
        for answer in decided.answers {
            guard !answer.isRepeated else {
                repeated += 1
                continue
            }
            let price = answer.chosen
            let present = price.question.present
            chosen[price.reason, default: 0] += 1
            moves[
                price.price == present ? "same" : price.price < present ? "down" : "up",
                default: 0
            ] +=
                1
            changes.add(price.price.units / present.units - 1)
            propensities.add(price.propensity)
        }
    }

    /// Counts prices that could not be kept.
    mutating func addFailure() { failures += 1 }

    func write(to text: inout MetricsText) {
        text.metric("motet_price_stage_seconds", "histogram", "The stages of an answer of prices.")
        for stage in Self.stages {
            guard let histogram = stages[stage] else { continue }
            text.histogram("motet_price_stage_seconds", ["stage": stage], histogram)
        }
        text.metric("motet_price_chosen_total", "counter", "Prices that were chosen, by reason.")
        for reason in PriceReason.allCases {
            text.value(
                "motet_price_chosen_total",
                ["reason": reason.rawValue],
                Double(chosen[reason] ?? 0)
            )
        }
        text.metric("motet_price_moves_total", "counter", "Prices that were chosen, by direction.")
        for move in ["down", "same", "up"] {
            text.value("motet_price_moves_total", ["to": move], Double(moves[move] ?? 0))
        }
        text.metric(
            "motet_price_change",
            "histogram",
            "Changes of prices, as parts of the present one."
        )
        text.histogram("motet_price_change", [:], changes)
        text.metric("motet_price_propensity", "histogram", "Propensities of chosen prices.")
        text.histogram("motet_price_propensity", [:], propensities)
        text.metric(
            "motet_price_repeated_total",
            "counter",
            "Prices that were told again within their period."
        )
        text.value("motet_price_repeated_total", [:], Double(repeated))
        text.metric(
            "motet_price_failures_total",
            "counter",
            "Answers whose prices could not be kept."
        )
        text.value("motet_price_failures_total", [:], Double(failures))
        text.metric("motet_price_items", "gauge", "Items whose price is remembered.")
        text.value("motet_price_items", [:], Double(known))
    }
}
