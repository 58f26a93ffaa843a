public import MotetMultiTask
import MotetNN

/// How the losses of tasks become one number to learn from.
///
/// A value with static factories: `.fixed`, `.uncertainty`, `.dynamicAverage()`. Whatever the rule, a task's
/// own weight `w_k` multiplies what the rule gives it, so that it still says how much the task matters.
public struct LossWeighting: Hashable, Sendable {
    enum Kind: Hashable {
        /// One factor for good.
        case fixed
        /// Numbers that are learnt with the model.
        case uncertainty
        case impartial
        /// Factors made anew in each step, from its losses.
        case step(StepRule)
        /// Factors made anew after each epoch, from its report.
        case epoch(EpochRule)
        /// Factors made anew in each step, from its losses and the lengths of its gradients.
        case gradNorm
        /// Factors made anew in each step, by numbers that follow what the step before did to its losses.
        case famo
    }

    let kind: Kind
    /// The rule by which gradients are measured, where the weighting needs them.
    private(set) var aggregation: GradientAggregation?
    /// How FAMO's numbers move.
    private(set) var famoRate = 0.0
    private(set) var famoDecay = 0.0

    private init(kind: Kind) { self.kind = kind }

    /// `L = sum_k w_k L_k`, with the weights of the tasks.
    public static let fixed = LossWeighting(kind: .fixed)

    /// Weights that are learnt with the model: the less sure the model is of a task, the less it counts.
    ///
    /// With a learnt number `s_k`, the logarithm of a variance, for each task:
    ///
    /// `L = sum_k w_k (c_k exp(-s_k) L_k + s_k / 2)`
    ///
    /// `c_k` is 1/2 where the output is a number or a box, and 1 for classes, tags and counts. At rest
    /// `c_k exp(-s_k)` is `1 / (2 L_k)`.
    ///
    /// - Learned: `loss_weighting/<task>`, `s_k`, of shape `[]`; 0 at first, not bounded, never decayed,
    ///   updated by the optimizer like a bias, kept in checkpoints
    /// - Source: Kendall, Gal and Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses for
    ///   Scene Geometry and Semantics", CVPR 2018, section 3.2, eq. 7 and 10.
    ///   <https://doi.org/10.1109/CVPR.2018.00781>
    /// - Departures: a task's own weight multiplies its whole term. In a step without a row of the task its `s_k` has no gradient.
    public static let uncertainty = LossWeighting(kind: .uncertainty)

    /// Weights that are learnt so that all weighted losses become alike: IMTL-L.
    ///
    /// With a learnt number `s_k` for each task, `L = sum_k w_k (exp(s_k) L_k - s_k)`. At rest `exp(s_k) L_k`
    /// is 1 for every task.
    ///
    /// - Learned: `loss_weighting/<task>`, `s_k`, of shape `[]`; 0 at first, else as in ``uncertainty``
    /// - Source: Liu et al., "Towards Impartial Multi-task Learning", ICLR 2021, section 3.2, eq. 7.
    /// - Departures: in a step without a row of the task its `s_k` has no gradient.
    public static let impartial = LossWeighting(kind: .impartial)

    /// The gradient of the geometric mean of the losses: GLS.
    ///
    /// `L = (prod_k L_k)^(1/K)`, so the factor of `L_k` is `L / (K L_k)`: the scales of losses do not matter.
    /// Tasks without a row in the step are left out of mean and `K`.
    ///
    /// - Source: Chennupati et al., "MultiNet++: Multi-Stream Feature Aggregation and Geometric Loss Strategy
    ///   for Multi-Task Learning", CVPR Workshops 2019, section 3.3.
    /// - Departures: losses below 1e-8 count as that.
    public static let geometricMean = LossWeighting(kind: .step(.geometricMean))

    /// Random weights, drawn anew in each step: RLW.
    ///
    /// `softmax(z)`, `z` standard normal; what a rule should at least beat.
    ///
    /// - Source: Lin et al., "Reasonable Effectiveness of Random Weighting: A Litmus Test for Multi-Task
    ///   Learning", TMLR 2022, section 3.
    public static let random = LossWeighting(kind: .step(.random))

    /// The gradient of a smooth maximum of the losses: STCH.
    ///
    /// `L = mu log sum_k exp(w_k L_k / mu)`, so the factor of `w_k L_k` is its softmax at temperature `mu`: the
    /// task that is worst off, by its own weight, counts most; the lower `mu` the more.
    ///
    /// - Parameter mu: the smoothing, above 0, in units of the losses.
    /// - Returns: the weighting.
    /// - Source: Lin et al., "Smooth Tchebycheff Scalarization for Multi-Objective Optimization", ICML 2024,
    ///   eq. 7, with the ideal point 0.
    public static func smoothMaximum(mu: Double) -> LossWeighting {
        LossWeighting(kind: .step(.smoothMaximum(mu: mu)))
    }

    /// Tasks whose losses fall slowly count more: dynamic weight average, DWA.
    ///
    /// After each epoch `K softmax(r / T)`, `r_k = L_k(t - 1) / L_k(t - 2)`, the mean losses of the last two
    /// epochs; 1 in the first two. `r_k` is 1 where a loss is missing or not above 0.
    ///
    /// - Parameter temperature: `T`, above 0; large ones make weights alike.
    /// - Returns: the weighting.
    /// - Source: Liu, Johns and Davison, "End-to-End Multi-Task Learning with Attention", CVPR 2019, eq. 7.
    public static func dynamicAverage(temperature: Double = 2) -> LossWeighting {
        LossWeighting(kind: .epoch(.dynamicAverage(temperature: temperature)))
    }

    /// Tasks that are still bad at what they are measured by count more: dynamic task prioritisation, DTP.
    ///
    /// After each epoch `-(1 - q_k)^gamma log q_k`, with `q_k` the exponential average of a metric of the
    /// validation rows that lies between 0 and 1, such as AUC or accuracy: the task's first one where higher is
    /// better. 1 in the first epoch.
    ///
    /// - Parameters:
    ///   - gamma: how much less tasks count that are good already; at least 0.
    ///   - smoothing: the share of the newest epoch in the average, above 0 and at most 1.
    /// - Returns: the weighting.
    /// - Source: Guo et al., "Dynamic Task Prioritization for Multitask Learning", ECCV 2018, section 3.2, eq. 2
    ///   and 3.
    /// - Departures: `q_k` below 1e-6 counts as that.
    public static func prioritised(gamma: Double = 1, smoothing: Double = 1) -> LossWeighting {
        LossWeighting(kind: .epoch(.prioritised(gamma: gamma, smoothing: smoothing)))
    }

    /// Weights that fall or rise from epoch to epoch: `gamma_k^t`, `t` from 0.
    ///
    /// - Parameter rates: for tasks that are named `gamma_k`, above 0; 1 for the others.
    /// - Returns: the weighting.
    /// - Source: Tang et al., "Progressive Layered Extraction (PLE)", RecSys 2020, eq. 9.
    public static func decaying(_ rates: [String: Double]) -> LossWeighting {
        LossWeighting(kind: .epoch(.decaying(rates)))
    }

    /// Weights by which the tasks' gradients become alike in length, longer for tasks that learn slowly: GradNorm.
    ///
    /// ``GradientNormWeights`` has the formula. Lengths are those of the gradients at the shared representation, or of
    /// the parameters named.
    ///
    /// - Parameters:
    ///   - alpha: how strongly tasks that learn slowly are pulled, at least 0; 1.5 is the paper's for scenes.
    ///   - rate: the learning rate of the weights, above 0.
    ///   - place: where gradients are measured.
    ///   - parts: with `.parameters`, beginnings of the names of those measured, such as the last shared layer, which
    ///     the paper takes; all shared dense ones if empty.
    /// - Returns: the weighting.
    /// - Source: Chen et al., "GradNorm: Gradient Normalization for Adaptive Loss Balancing in Deep Multitask
    ///   Networks", ICML 2018, algorithm 1.
    /// - Departures: lengths at the representation by default, which cost no backward pass more.
    public static func gradNorm(
        alpha: Double = 1.5,
        rate: Double = 0.025,
        at place: TaskDifferentiation.Place = .representation,
        parts: [String] = []
    ) -> LossWeighting {
        var weighting = LossWeighting(kind: .gradNorm)
        weighting.aggregation = .gradNorm(alpha: alpha, rate: rate).at(place, parts: parts)
        return weighting
    }

    /// Weights by which all losses fall at the same rate, learnt from what each step did to them: FAMO.
    ///
    /// With `z = softmax(xi)` the gradient of `sum_k z_k log L_k / c`, `c = sum_k z_k / L_k`: the factor of `w_k L_k`
    /// is `z_k / (w_k L_k c)`. After the step the losses of the same rows are computed again, which costs a forward
    /// pass, and `xi` follows: tasks whose loss fell much count less.
    ///
    /// - Parameters:
    ///   - rate: the learning rate of `xi`, above 0.
    ///   - decay: how strongly `xi` is pulled to 0, at least 0.
    /// - Returns: the weighting.
    /// - Source: Liu, Feng, Stone and Liu, "FAMO: Fast Adaptive Multitask Optimization", NeurIPS 2023, algorithm 1.
    /// - Departures: a task without rows in a step is left out of it.
    public static func famo(rate: Double = 0.025, decay: Double = 0.001) -> LossWeighting {
        var weighting = LossWeighting(kind: .famo)
        weighting.famoRate = rate
        weighting.famoDecay = decay
        return weighting
    }

    /// Whether each task has a state of its own.
    var hasTaskStates: Bool { isLearned && aggregation == nil }

    /// Whether weights change while the model learns.
    public var isLearned: Bool { kind != .fixed }
}

extension Loss {
    /// The factor of `exp(-s) L` in the weighting by uncertainty: that of a Gaussian for numbers.
    var uncertaintyFactor: Float { link == .identity ? 0.5 : 1 }
}
