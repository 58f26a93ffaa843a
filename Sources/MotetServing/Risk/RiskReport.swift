import MotetDecisions

/// What one answer of risk took, and what it said.
struct RiskReport: Sendable {
    /// What the scores took.
    var scores: ScoreRecord
    /// What was judged.
    var kind = ServingSettings.Risk.Kind.order
    /// Seconds of counting, deciding and keeping.
    var decideSeconds = 0.0
    /// What was decided; nil where the answer was given before.
    var verdict: RiskVerdict?
    /// The codes of the rules that apply.
    var codes: [String] = []
    /// How many orders are counted.
    var orders = 0
}

/// What risk decided, for `/metrics`.
struct RiskMetrics: Sendable {
    private var decisions: [ServingSettings.Risk.Kind: [RiskDecision: Int]] = [:]
    private var rules: [ServingSettings.Risk.Kind: [String: Int]] = [:]
    private var probabilities: [ServingSettings.Risk.Kind: Histogram] = [:]
    private var costs: [ServingSettings.Risk.Kind: Double] = [:]
    private var stages: [String: Histogram] = [:]
    private var repeated = 0
    private var orders = 0

    /// The names of the stages, in order.
    static let stages = ScoreRecord.Stage.allCases.map(\.rawValue) + ["decide"]

    /// Counts an answer.
    mutating func add(_ report: RiskReport) {
        orders = report.orders
        guard let verdict = report.verdict else {
            repeated += 1
            return
        }
        for (stage, seconds) in report.scores.seconds {
            stages[stage.rawValue, default: Histogram(Histogram.seconds)].add(seconds)
        }
        stages["decide", default: Histogram(Histogram.seconds)].add(report.decideSeconds)
        decisions[report.kind, default: [:]][verdict.decision, default: 0] += 1
        costs[report.kind, default: 0] += verdict.costs[verdict.decision]
        for code in report.codes { rules[report.kind, default: [:]][code, default: 0] += 1 }
        probabilities[report.kind, default: Histogram(Histogram.scores)].add(verdict.probability)
    }

    func write(to text: inout MetricsText) {
        text.metric("motet_risk_stage_seconds", "histogram", "The stages of an answer of risk.")
        for stage in Self.stages {
            guard let histogram = stages[stage] else { continue }
            text.histogram("motet_risk_stage_seconds", ["stage": stage], histogram)
        }
        text.metric("motet_risk_decisions_total", "counter", "Orders and reviews by decision.")
        for kind in ServingSettings.Risk.Kind.allCases {
            guard let counts = decisions[kind] else { continue }
            for decision in RiskDecision.allCases {
                text.value(
                    "motet_risk_decisions_total",
                    ["kind": kind.rawValue, "decision": decision.rawValue],
                    Double(counts[decision] ?? 0)
                )
            }
        }
        text.metric("motet_risk_rules_total", "counter", "How often rules applied, by code.")
        for kind in ServingSettings.Risk.Kind.allCases {
            for (code, count) in (rules[kind] ?? [:]).sorted(by: { $0.key < $1.key }) {
                text.value(
                    "motet_risk_rules_total",
                    ["kind": kind.rawValue, "code": code],
                    Double(count)
                )
            }
        }
        text.metric("motet_risk_probability", "histogram", "Probabilities of fraud.")
        for kind in ServingSettings.Risk.Kind.allCases {
            guard let histogram = probabilities[kind] else { continue }
            text.histogram("motet_risk_probability", ["kind": kind.rawValue], histogram)
        }
        text.metric(
            "motet_risk_expected_cost_total",
            "counter",
            "What the decisions are expected to cost, in the currency of the settings."
        )
        for kind in ServingSettings.Risk.Kind.allCases {
            guard let cost = costs[kind] else { continue }
            text.value("motet_risk_expected_cost_total", ["kind": kind.rawValue], cost)
        }
        text.metric("motet_risk_repeated_total", "counter", "Answers that were given before.")
        text.value("motet_risk_repeated_total", [:], Double(repeated))
        text.metric("motet_risk_orders", "gauge", "Orders that are counted.")
        text.value("motet_risk_orders", [:], Double(orders))
    }
}
