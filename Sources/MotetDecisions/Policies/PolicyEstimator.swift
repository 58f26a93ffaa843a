/// A way to say what a policy would have brought, from decisions another one made.
///
/// With `r` the reward of a decision, `w = min(target / propensity, limit)` its weight, `q` the reward a model expects of
/// it and `v` what the model expects of the policy in its place, over `n` decisions:
///
/// | estimator | value | is right if |
/// |---|---|---|
/// | ``ips`` | `mean(w r)` | the propensities are, and no weight is limited |
/// | ``snips`` | `sum(w r) / sum(w)` | the same, in the limit of many decisions; less variance |
/// | ``direct`` | `mean(v)` | the model is |
/// | ``doublyRobust`` | `mean(v + w (r - q))` | the propensities or the model are |
///
/// - Source: Horvitz and Thompson, "A Generalization of Sampling Without Replacement From a Finite Universe", JASA
///   47(260), 1952 (`ips`); Swaminathan and Joachims, "The Self-Normalized Estimator for Counterfactual Learning", NIPS
///   2015 (`snips`); Dudík, Langford and Li, "Doubly Robust Policy Evaluation and Learning", ICML 2011.
public enum PolicyEstimator: String, CaseIterable, Hashable, Sendable {
    /// Inverse propensity scores.
    case ips
    /// The same, divided by the mean of the weights.
    case snips
    /// What the model expects, whatever came of the decisions.
    case direct
    /// What the model expects, corrected by what came of the decisions.
    case doublyRobust = "dr"

    /// Whether it needs a model's expectation.
    public var needsExpectation: Bool { self == .direct || self == .doublyRobust }
}
