/// Decisions a policy made, what came of them, and how probable each was to another policy.
public struct LoggedDecisions: Sendable {
    /// What a model expects of rewards; makes the doubly robust estimate possible.
    public struct Expectation: Sendable {
        /// The reward expected of each decision that was made.
        public let ofDecision: [Double]
        /// The reward expected of the other policy in the same place: the mean over its decisions.
        public let ofPolicy: [Double]

        /// Creates expectations, one of each for each decision.
        public init(ofDecision: [Double], ofPolicy: [Double]) {
            self.ofDecision = ofDecision
            self.ofPolicy = ofPolicy
        }
    }

    /// What came of each decision.
    public let rewards: [Double]
    /// The probability with which each was made.
    public let propensities: [Double]
    /// The probability with which the other policy would have made it.
    public let targets: [Double]
    /// What a model expects; nil for no model.
    public let expectation: Expectation?

    /// The number of decisions.
    public var count: Int { rewards.count }

    /// Checks and takes the columns of a log.
    ///
    /// - Parameters:
    ///   - rewards: what came of each decision; finite.
    ///   - propensities: the probability with which each was made, as it was logged; above 0 and at most 1.
    ///   - targets: the probability with which the policy to evaluate makes the same decision in the same place; from 0
    ///     to 1.
    ///   - expectation: what a model expects of rewards, fitted on other rows; finite.
    /// - Throws: `DecisionError` with the row for a number out of its range, and for columns of different lengths or
    ///   without rows.
    public init(
        rewards: [Double],
        propensities: [Double],
        targets: [Double],
        expectation: Expectation? = nil
    ) throws(DecisionError) {
        let columns = [
            ("propensities", propensities.count), ("targets", targets.count),
            ("expectation.ofDecision", expectation?.ofDecision.count ?? rewards.count),
            ("expectation.ofPolicy", expectation?.ofPolicy.count ?? rewards.count),
        ]
        for (name, count) in columns where count != rewards.count {
            throw DecisionError(
                .decision,
                "decisions: '\(name)' has another length than 'rewards'; expected \(rewards.count); received \(count)."
            )
        }
        guard !rewards.isEmpty else {
            throw DecisionError(
                .decision,
                "decisions: there are none; expected at least 1; received 0."
            )
        }
        for row in rewards.indices {
            try Self.check("reward", rewards[row], row, rewards[row].isFinite, "a finite number")
            let propensity = propensities[row]
            let isRight = propensity > 0 && propensity <= 1
            try Self.check("propensity", propensity, row, isRight, "more than 0 and at most 1")
            try Self.check("target", targets[row], row, 0...1 ~= targets[row], "0 to 1")
            guard let expectation else { continue }
            for value in [expectation.ofDecision[row], expectation.ofPolicy[row]] {
                try Self.check("expectation", value, row, value.isFinite, "a finite number")
            }
        }
        self.rewards = rewards
        self.propensities = propensities
        self.targets = targets
        self.expectation = expectation
    }

    private static func check(
        _ name: String,
        _ value: Double,
        _ row: Int,
        _ isRight: Bool,
        _ range: String
    ) throws(DecisionError) {
        guard !isRight else { return }
        throw DecisionError(
            .decision,
            "row \(row + 1): the \(name) is out of range; expected \(range); received \(value)."
        )
    }
}
