import MotetDecisions

/// Everything an order or a review is judged by but the orders before it.
struct RiskJudgement {
    let request: RiskRequest
    let policy: RiskPolicy
    /// The probability of fraud of each item.
    let scores: [Double]
    let facts: RiskFacts
    let order: RiskOrder
    /// How many columns came from the source of features.
    let sourced: Int
    /// The rules that apply whatever orders there were: found before the ledger is asked, which has one order at a time.
    let hits: [RiskVerdict.Hit]
    /// The places of the items with the greatest probabilities, those first, at most ``leadingItems``.
    let leading: [Int]

    /// The most items whose probabilities are kept with an answer.
    static let leadingItems = 10

    init(
        request: RiskRequest,
        policy: RiskPolicy,
        scores: [Double],
        facts: RiskFacts,
        order: RiskOrder,
        sourced: Int
    ) {
        self.request = request
        self.policy = policy
        self.scores = scores
        self.facts = facts
        self.order = order
        self.sourced = sourced
        hits = policy.hits(facts)
        leading = Array(
            scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }.prefix(Self.leadingItems)
        )
    }

    /// The place of the item with the greatest probability: an order is as suspicious as its worst item.
    var worst: Int { leading.first ?? 0 }

    /// Decides.
    func verdict(_ counts: [RiskLookback: RiskCounts]) -> RiskVerdict {
        policy.verdict(scores[worst], facts.amount, beside: hits, counts: counts)
    }

    /// The reasons of a verdict: the model's own where its probability alone asks for more than to let it through, and those of
    /// the rules that apply.
    func reasons(_ verdict: RiskVerdict) -> [Reason] {
        let alone = policy.costs.expected(verdict.modelProbability, amount: facts.amount).cheapest
        var reasons: [Reason] = []
        if alone > .allow {
            reasons.append(
                Reason(
                    code: ServingSettings.Risk.modelCode,
                    value: verdict.modelProbability,
                    text: "the model gives \(RiskText.number(verdict.modelProbability)) of fraud"
                )
            )
        }
        return reasons
            + verdict.hits.map { hit in
                let rule = policy.rules[hit.rule]
                var reason = Reason(
                    code: rule.code,
                    value: hit.value,
                    text: RiskText.sentence(rule.condition, hit.value)
                )
                switch rule.effect {
                case .weight(let weight): reason.weight = weight
                case .atLeast(let decision): reason.demands = decision
                }
                return reason
            }
    }

    /// Why something was decided.
    struct Reason {
        var code: String
        var value: Double
        var weight: Double?
        var demands: RiskDecision?
        var text: String
    }

    /// The bytes of an answer as they are kept: nothing in them names the order or its items.
    func kept(
        _ verdict: RiskVerdict,
        _ counts: [RiskLookback: RiskCounts],
        _ record: ScoreRecord
    ) -> [UInt8] {
        var main = JSONWriter(capacity: 512)
        main.key("model")
        main.text(record.model)
        main.key("variant")
        main.text(record.variant)
        main.key("degraded")
        main.boolean(record.isDegraded)
        main.key("decision")
        main.text(verdict.decision.rawValue)
        main.key("score")
        main.number(verdict.probability)
        main.key("model_score")
        main.number(verdict.modelProbability)
        main.key("reasons")
        main.array { writer in
            for reason in reasons(verdict) { writer.object { Self.write(reason, to: &$0) } }
        }
        main.key("costs")
        main.object { writer in
            for decision in RiskDecision.allCases {
                writer.key(decision.rawValue)
                writer.number(verdict.costs[decision])
            }
        }
        return KeptJudgement(
            decision: verdict.decision,
            main: main.bytes,
            explanation: explanation(verdict, counts)
        ).bytes
    }

    private static func write(_ reason: Reason, to writer: inout JSONWriter) {
        writer.key("code")
        writer.text(reason.code)
        writer.key("value")
        writer.number(reason.value)
        writer.key("weight")
        if let weight = reason.weight { writer.number(weight) } else { writer.null() }
        writer.key("demands")
        if let demands = reason.demands { writer.text(demands.rawValue) } else { writer.null() }
        writer.key("text")
        writer.text(reason.text)
    }

    private func explanation(
        _ verdict: RiskVerdict,
        _ counts: [RiskLookback: RiskCounts]
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        let thresholds = policy.costs.thresholds(amount: facts.amount)
        writer.key("thresholds")
        writer.object { writer in
            writer.key("review")
            writer.number(min(thresholds.review, 1))
            writer.key("block")
            writer.number(min(thresholds.block, 1))
        }
        writer.key("cheapest")
        writer.text(verdict.cheapest.rawValue)
        writer.key("evidence")
        writer.number(verdict.evidence)
        writer.key("evidence_limit")
        writer.number(policy.evidenceLimit)
        writer.key("item_scores")
        writer.array { writer in
            for item in leading {
                writer.object { writer in
                    writer.key("item")
                    writer.integer(item)
                    writer.key("score")
                    writer.number(Float(scores[item]))
                }
            }
        }
        writer.key("sourced_columns")
        writer.integer(sourced)
        writer.key("counts")
        writer.array { writer in
            for lookback in policy.lookbacks {
                guard let count = counts[lookback] else { continue }
                writer.object { writer in
                    writer.key("of")
                    writer.text(lookback.dimension.rawValue)
                    writer.key("window_seconds")
                    writer.number(Double(lookback.window) / 1000)
                    writer.key("orders")
                    writer.integer(count.orders)
                    writer.key("amount")
                    writer.number(count.amount)
                    writer.key("accounts")
                    writer.integer(count.accounts)
                }
            }
        }
        return writer.bytes
    }
}

/// An answer as the ledger keeps it.
struct KeptJudgement {
    let decision: RiskDecision
    /// The members of the answer that do not come from the request.
    let main: [UInt8]
    /// Those of its explanation.
    let explanation: [UInt8]

    init(decision: RiskDecision, main: [UInt8], explanation: [UInt8]) {
        self.decision = decision
        self.main = main
        self.explanation = explanation
    }

    /// Reads what ``bytes`` wrote; nil where it is something else.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 5, Int(bytes[0]) < RiskDecision.allCases.count else { return nil }
        decision = RiskDecision.allCases[Int(bytes[0])]
        let size = bytes[1..<5].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard size <= bytes.count - 5 else { return nil }
        main = Array(bytes[5..<(5 + size)])
        explanation = Array(bytes[(5 + size)...])
    }

    /// The decision's number, the length of the members, the members, the explanation.
    var bytes: [UInt8] {
        var bytes = [UInt8(RiskDecision.allCases.firstIndex(of: decision) ?? 0)]
        for shift in stride(from: 0, to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: main.count >> shift))
        }
        return bytes + main + explanation
    }
}

/// Sentences about rules.
enum RiskText {
    /// Why a rule applies.
    static func sentence(_ condition: RiskRule.Condition, _ value: Double) -> String {
        switch condition {
        case .orders(let dimension, let window, let above):
            "\(number(value)) orders of the \(name(dimension)) within \(span(window)), more than \(number(above))"
        case .spend(let dimension, let window, let above):
            "\(number(value)) spent with the \(name(dimension)) within \(span(window)), more than \(number(above))"
        case .accounts(let dimension, let window, let above):
            "\(number(value)) accounts share the \(name(dimension)) within \(span(window)), more than "
                + number(above)
        case .email: "the e-mail address has a form that is watched"
        case .phone: "the telephone number has a form that is watched"
        case .amount(let range): "the amount \(number(value)) is \(outside(range, value))"
        case .number(let name, let range): "\(name) is \(number(value)), \(outside(range, value))"
        }
    }

    private static func outside(_ range: RiskRange, _ value: Double) -> String {
        if let above = range.above, value > above { return "above \(number(above))" }
        return "below \(number(range.below ?? value))"
    }

    private static func name(_ dimension: RiskDimension) -> String {
        switch dimension {
        case .email: "e-mail address"
        case .phone: "telephone number"
        case .payment: "means of payment"
        case .ip: "network address"
        case .account, .device, .address: dimension.rawValue
        }
    }

    private static func span(_ milliseconds: Int64) -> String {
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000)]
            as [(String, Int64)]
        where milliseconds % size == 0 {
            return "\(milliseconds / size)\(unit)"
        }
        return "\(Double(milliseconds) / 1000)s"
    }

    /// A number with at most four digits behind the point.
    static func number(_ value: Double) -> String {
        let rounded = (value * 1e4).rounded() / 1e4
        return rounded == rounded.rounded() && abs(rounded) < 1e15
            ? String(Int64(rounded)) : "\(rounded)"
    }
}
