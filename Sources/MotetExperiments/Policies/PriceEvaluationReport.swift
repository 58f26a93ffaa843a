import MotetDecisions

/// What another policy of prices would have brought, in the places of logged ones.
public struct PriceEvaluationReport: Sendable, Encodable {
    /// A value, and how sure it is.
    public struct Estimate: Sendable, Encodable {
        /// The mean reward of a choice.
        public let value: Double
        /// Its standard error.
        public let standardError: Double
        /// The ends of the interval of 95 %.
        public let interval: [Double]
    }

    /// What became of the lines of the log.
    public struct Counts: Sendable, Encodable {
        /// Lines that were read.
        public let logged: Int
        /// Those without an outcome.
        public let withoutOutcome: Int
        /// Those of which the other policy says nothing.
        public let withoutCandidate: Int
        /// Those whose price followed from no demand.
        public let withoutDemand: Int
        /// Choices that are evaluated.
        public let choices: Int
    }

    /// How far the weights let the values be trusted.
    public struct Weights: Sendable, Encodable {
        /// The number of choices with equal weights that would say as much.
        public let effectiveNumber: Double
        /// The mean weight.
        public let mean: Double
        /// The greatest weight.
        public let greatest: Double
        /// How many were limited.
        public let limited: Int
        /// The greatest weight that was allowed; nil for any.
        public let limit: Double?
    }

    /// The other policy, as it was named.
    public let candidate: String
    /// What is counted of a choice: `margin`, `revenue` or `units`.
    public let objective: String
    /// The currency; nil where the log does not tell.
    public let currency: String?
    /// What became of the lines.
    public let counts: Counts
    /// What the logged choices themselves brought.
    public let logged: Estimate
    /// What the other policy would have brought, by estimator; one that cannot be made is left out.
    public let estimates: [String: Estimate]
    /// How far the weights let it be trusted.
    public let weights: Weights

    init(
        candidate: String,
        objective: String,
        currency: String?,
        counts: PriceLog.Counts,
        evaluation: PolicyEvaluation,
        limit: Double?
    ) {
        self.candidate = candidate
        self.objective = objective
        self.currency = currency
        self.counts = Counts(
            logged: counts.logged,
            withoutOutcome: counts.withoutOutcome,
            withoutCandidate: counts.withoutCandidate,
            withoutDemand: counts.withoutDemand,
            choices: counts.evaluated
        )
        logged = Estimate(evaluation.logged)
        estimates = Dictionary(
            uniqueKeysWithValues: PolicyEstimator.allCases.compactMap { estimator in
                evaluation.estimate(estimator).map { (estimator.rawValue, Estimate($0)) }
            }
        )
        weights = Weights(
            effectiveNumber: evaluation.weights.effectiveCount,
            mean: evaluation.weights.mean,
            greatest: evaluation.weights.greatest,
            limited: evaluation.weights.limited,
            limit: limit
        )
    }
}

extension PriceEvaluationReport.Estimate {
    fileprivate init(_ estimate: PolicyEstimate) {
        value = estimate.value
        standardError = estimate.standardError
        interval = [estimate.interval.lowerBound, estimate.interval.upperBound]
    }

    private enum CodingKeys: String, CodingKey {
        case value, interval
        case standardError = "standard_error"
    }
}

extension PriceEvaluationReport.Counts {
    private enum CodingKeys: String, CodingKey {
        case logged, choices
        case withoutOutcome = "without_outcome"
        case withoutCandidate = "without_candidate"
        case withoutDemand = "without_demand"
    }
}

extension PriceEvaluationReport.Weights {
    private enum CodingKeys: String, CodingKey {
        case mean, greatest, limited, limit
        case effectiveNumber = "effective_number"
    }
}
