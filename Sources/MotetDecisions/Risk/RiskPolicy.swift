import Foundation
import MotetCore

/// What rules look at.
public struct RiskFacts: Sendable {
    /// The amount; 0 for a review.
    public var amount: Double
    /// The e-mail address, if it is known.
    public var email: String?
    /// The telephone number, if it is known, in the form of ``ContactForm/phone(_:)``.
    public var phone: String?
    /// Numbers that the model reads, by column: one, or one for each item.
    public var numbers: [String: [Double]]

    /// Tells of an order.
    public init(
        amount: Double,
        email: String? = nil,
        phone: String? = nil,
        numbers: [String: [Double]] = [:]
    ) {
        self.amount = amount
        self.email = email
        self.phone = phone
        self.numbers = numbers
    }
}

/// Decides by a model's probability, rules and costs.
///
/// The rules that apply move the logarithm of the odds:
///
///     logit p = a logit m + b + max(-E, min(E, sum of the weights that apply))
///
/// with the model's probability `m`, between 10^-6 and 1 - 10^-6, its weight `a` (1), an intercept `b` (0), and the most that rules may
/// move it, `E`. A weight is the logarithm of how much more frequent a rule is among frauds than among good orders of the same `m`:
/// the evidence it adds to the model's, were it independent of other rules. ``RuleWeights`` learns `a`, `b` and weights that need
/// not be.
///
/// The decision is the one of least expected cost, or the strictest that a rule demands, whichever is stricter.
///
/// - Source: Good, "Probability and the Weighing of Evidence", Griffin, 1950, ch. 6: weights of evidence add up.
public struct RiskPolicy: Hashable, Sendable {
    /// The rules, in order.
    public let rules: [RiskRule]
    /// What decisions cost.
    public let costs: RiskCosts
    /// The most that rules together move the logarithm of the odds.
    public let evidenceLimit: Double
    /// The weight of the model's logit.
    public let modelWeight: Double
    /// What is added for every order.
    public let intercept: Double
    /// What the rules count, each once, in their order.
    public let lookbacks: [RiskLookback]
    /// The patterns of rules, by the places of the rules.
    private let mails: [Int: MailPatternIndex]
    private let phones: [Int: TextPatternIndex]

    /// How close a probability comes to 0 and 1 before rules move it.
    public static let margin = 1e-6
    /// The greatest weight of the model.
    public static let greatestModelWeight = 10.0

    /// Creates a policy.
    ///
    /// - Throws: `DecisionError` for rules of one code, more than 64 of them, or a limit out of range.
    public init(
        rules: [RiskRule],
        costs: RiskCosts,
        evidenceLimit: Double = 6,
        modelWeight: Double = 1,
        intercept: Double = 0
    ) throws(DecisionError) {
        self.rules = rules
        self.costs = costs
        self.evidenceLimit = evidenceLimit
        self.modelWeight = modelWeight
        self.intercept = intercept
        var known: Set<RiskLookback> = []
        lookbacks = rules.compactMap(\.condition.lookback).filter { known.insert($0).inserted }
        var mails: [Int: MailPatternIndex] = [:]
        var phones: [Int: TextPatternIndex] = [:]
        for (place, rule) in rules.enumerated() {
            switch rule.condition {
            case .email(let patterns): mails[place] = MailPatternIndex(patterns)
            case .phone(let patterns): phones[place] = TextPatternIndex(patterns)
            case .orders, .spend, .accounts, .amount, .number: continue
            }
        }
        self.mails = mails
        self.phones = phones
        guard rules.count <= 64 else {
            throw DecisionError(
                .risk,
                "rules: there are too many; expected at most 64; received \(rules.count)."
            )
        }
        var codes: Set<String> = []
        for rule in rules where !codes.insert(rule.code).inserted {
            throw DecisionError(
                .risk,
                "rule \"\(rule.code)\": another has the same code; expected codes that differ; received it twice."
            )
        }
        guard (0...Self.greatestModelWeight).contains(modelWeight),
            abs(intercept) <= RiskRule.greatestWeight
        else {
            throw DecisionError(
                .risk,
                "rules: `model_weight` or `intercept` is out of range; expected 0 to \(Self.greatestModelWeight), and "
                    + "-\(RiskRule.greatestWeight) to \(RiskRule.greatestWeight); received \(modelWeight) and "
                    + "\(intercept)."
            )
        }
        guard (0...RiskRule.greatestWeight).contains(evidenceLimit) else {
            throw DecisionError(
                .risk,
                "rules: `evidence_limit` is out of range; expected 0 to \(RiskRule.greatestWeight); received "
                    + "\(evidenceLimit)."
            )
        }
    }

    /// Decides.
    ///
    /// - Parameters:
    ///   - modelProbability: what the model says, from 0 to 1, calibrated.
    ///   - facts: what rules look at.
    ///   - counts: what the orders add up to that share a value with this one, with this one; without those of values that
    ///     this one does not have.
    /// - Returns: the decision with its reasons.
    public func verdict(
        _ modelProbability: Double,
        _ facts: RiskFacts,
        counts: [RiskLookback: RiskCounts]
    ) -> RiskVerdict {
        verdict(modelProbability, facts.amount, beside: hits(facts), counts: counts)
    }

    /// The rules that apply whatever orders there were: those that count nothing.
    ///
    /// - Parameter facts: what rules look at.
    /// - Returns: the rules, in the order of the policy.
    public func hits(_ facts: RiskFacts) -> [RiskVerdict.Hit] {
        rules.indices.compactMap { place in
            value(place, facts).map { RiskVerdict.Hit(rule: place, value: $0) }
        }
    }

    /// Decides where it is known which of the rules apply that count nothing.
    ///
    /// - Parameters:
    ///   - modelProbability: what the model says, from 0 to 1, calibrated.
    ///   - amount: the amount; 0 for a review.
    ///   - hits: what ``hits(_:)`` told.
    ///   - counts: what the orders add up to that share a value with this one, with this one; without those of values that
    ///     this one does not have.
    /// - Returns: the decision with its reasons.
    public func verdict(
        _ modelProbability: Double,
        _ amount: Double,
        beside hits: [RiskVerdict.Hit],
        counts: [RiskLookback: RiskCounts]
    ) -> RiskVerdict {
        let counted = rules.enumerated().compactMap { place, rule in
            Self.value(rule.condition, counts).map { RiskVerdict.Hit(rule: place, value: $0) }
        }
        return verdict(modelProbability, amount, (hits + counted).sorted { $0.rule < $1.rule })
    }

    /// Decides where it is known which rules apply.
    public func verdict(
        _ modelProbability: Double,
        _ amount: Double,
        _ hits: [RiskVerdict.Hit]
    ) -> RiskVerdict {
        var evidence = 0.0
        var demanded = RiskDecision.allow
        for hit in hits {
            switch rules[hit.rule].effect {
            case .weight(let weight): evidence += weight
            case .atLeast(let decision): demanded = max(demanded, decision)
            }
        }
        evidence = min(max(evidence, -evidenceLimit), evidenceLimit)
        let probability = Self.moved(
            modelProbability,
            by: intercept + evidence,
            weight: modelWeight
        )
        let costs = costs.expected(probability, amount: amount)
        return RiskVerdict(
            decision: max(costs.cheapest, demanded),
            cheapest: costs.cheapest,
            modelProbability: modelProbability,
            probability: probability,
            evidence: evidence,
            costs: costs,
            hits: hits
        )
    }

    /// A probability whose logarithm of the odds was multiplied and moved.
    ///
    /// One that nothing moves stays what it is, bit for bit.
    public static func moved(
        _ probability: Double,
        by evidence: Double,
        weight: Double = 1
    ) -> Double {
        guard evidence != 0 || weight != 1 else { return probability }
        let inside = min(max(probability, margin), 1 - margin)
        let logit = weight * log(inside / (1 - inside)) + evidence
        return logit >= 0 ? 1 / (1 + exp(-logit)) : exp(logit) / (1 + exp(logit))
    }

    /// What makes a rule apply that counts; nil where it does not.
    private static func value(
        _ condition: RiskRule.Condition,
        _ counts: [RiskLookback: RiskCounts]
    ) -> Double? {
        guard let count = condition.lookback.flatMap({ counts[$0] }) else { return nil }
        func over(_ value: Double, _ limit: Double) -> Double? { value > limit ? value : nil }
        switch condition {
        case .orders(_, _, let above): return over(Double(count.orders), above)
        case .spend(_, _, let above): return over(count.amount, above)
        case .accounts(_, _, let above): return over(Double(count.accounts), above)
        case .email, .phone, .amount, .number: return nil
        }
    }

    /// What makes a rule apply that counts nothing, 1 for a pattern; nil where it does not.
    private func value(_ place: Int, _ facts: RiskFacts) -> Double? {
        switch rules[place].condition {
        case .orders, .spend, .accounts: return nil
        case .email:
            return facts.email.flatMap { mails[place]?.matches($0) == true ? 1 : nil }
        case .phone:
            return facts.phone.flatMap { phones[place]?.matches($0) == true ? 1 : nil }
        case .amount(let range): return range.excludes(facts.amount) ? facts.amount : nil
        case .number(let name, let range):
            return facts.numbers[name]?.first { range.excludes($0) }
        }
    }
}

/// A decision about an order or a review, and how it came about.
public struct RiskVerdict: Hashable, Sendable {
    /// A rule that applies.
    public struct Hit: Hashable, Sendable {
        /// Its place among the policy's rules.
        public var rule: Int
        /// What it looked at: a count, an amount, a number; 1 for a pattern.
        public var value: Double

        /// Names a rule.
        public init(rule: Int, value: Double) {
            self.rule = rule
            self.value = value
        }
    }

    /// What is done.
    public let decision: RiskDecision
    /// What would be done by the costs alone.
    public let cheapest: RiskDecision
    /// The model's probability of fraud.
    public let modelProbability: Double
    /// That with the evidence of the rules.
    public let probability: Double
    /// By how much the rules moved the logarithm of the odds.
    public let evidence: Double
    /// What each decision is expected to cost.
    public let costs: RiskCostTable
    /// The rules that apply, in the order of the policy.
    public let hits: [Hit]
}
