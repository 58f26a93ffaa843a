/// What a policy would have brought, from decisions another policy made and logged.
public struct PolicyEvaluation: Sendable {
    /// How far it can be trusted.
    public let weights: WeightSummary
    private let decisions: LoggedDecisions
    private let weight: [Double]

    /// Prepares an evaluation.
    ///
    /// - Parameters:
    ///   - decisions: the log.
    ///   - limit: the greatest weight of a decision, 1 or more; greater ones are cut down to it, which takes
    ///     variance away and adds bias. Nil for none.
    /// - Throws: `DecisionError` for a limit below 1.
    public init(_ decisions: LoggedDecisions, limit: Double? = nil) throws(DecisionError) {
        guard limit.map({ $0 >= 1 }) ?? true else {
            throw DecisionError(
                .policyEvaluation,
                "policy evaluation: 'limit' is out of range; expected at least 1; received \(limit ?? 0)."
            )
        }
        let exact = zip(decisions.targets, decisions.propensities).map { $0 / $1 }
        weight = limit.map { limit in exact.map { min($0, limit) } } ?? exact
        self.decisions = decisions
        let sum = weight.reduce(0, +)
        let squares = weight.reduce(0) { $0 + $1 * $1 }
        weights = WeightSummary(
            effectiveCount: squares > 0 ? sum * sum / squares : 0,
            greatest: weight.max() ?? 0,
            mean: sum / Double(decisions.count),
            limited: limit.map { limit in exact.count { $0 > limit } } ?? 0
        )
    }

    /// The mean reward of the decisions that were made.
    public var logged: PolicyEstimate { Self.mean(decisions.rewards) }

    /// Estimates the mean reward of a decision.
    ///
    /// The standard error is that of the mean of the terms; for `snips`, by the delta method, `sqrt(sum((w (r - value))^2))
    /// / sum(w)`.
    ///
    /// - Parameter estimator: the way.
    /// - Returns: the estimate; nil without the expectation the estimator needs, and for `snips` if the policy would have
    ///   made none of the decisions.
    public func estimate(_ estimator: PolicyEstimator) -> PolicyEstimate? {
        switch estimator {
        case .ips: Self.mean(zip(weight, decisions.rewards).map { $0 * $1 })
        case .snips: selfNormalized()
        case .direct: decisions.expectation.map { Self.mean($0.ofPolicy) }
        case .doublyRobust:
            decisions.expectation.map { expectation in
                Self.mean(
                    decisions.rewards.indices.map { row in
                        let surprise = decisions.rewards[row] - expectation.ofDecision[row]
                        return expectation.ofPolicy[row] + weight[row] * surprise
                    }
                )
            }
        }
    }

    private func selfNormalized() -> PolicyEstimate? {
        let sum = weight.reduce(0, +)
        guard sum > 0 else { return nil }
        let value = zip(weight, decisions.rewards).reduce(0) { $0 + $1.0 * $1.1 } / sum
        let squares = zip(weight, decisions.rewards).reduce(0) { sum, row in
            let term = row.0 * (row.1 - value)
            return sum + term * term
        }
        return PolicyEstimate(value: value, standardError: squares.squareRoot() / sum)
    }

    private static func mean(_ terms: [Double]) -> PolicyEstimate {
        let count = Double(terms.count)
        let mean = terms.reduce(0, +) / count
        let squares = terms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let variance = terms.count > 1 ? squares / (count - 1) : 0
        return PolicyEstimate(value: mean, standardError: (variance / count).squareRoot())
    }
}
