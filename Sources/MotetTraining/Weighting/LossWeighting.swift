import MotetNN

/// How the losses of tasks become one number to learn from.
///
/// A value with static factories: `.fixed`, `.uncertainty`.
public struct LossWeighting: Hashable, Sendable {
    enum Kind: String, CaseIterable {
        case fixed
        case uncertainty
    }

    let kind: Kind

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
    /// - Departures: a task's own weight `w_k` multiplies its whole term, so that it still says how much
    ///   the task matters. In a step without a row of the task its `s_k` has no gradient.
    public static let uncertainty = LossWeighting(kind: .uncertainty)

    /// All weightings by the names of configurations.
    public static let named: [(name: String, value: LossWeighting)] = Kind.allCases.map {
        ($0.rawValue, LossWeighting(kind: $0))
    }

    /// The name in configurations: `fixed`, `uncertainty`.
    public var name: String { kind.rawValue }

    /// Whether weights change while the model learns.
    public var isLearned: Bool { kind == .uncertainty }
}

extension Loss {
    /// The factor of `exp(-s) L` in the weighting by uncertainty: that of a Gaussian for numbers.
    var uncertaintyFactor: Float { link == .identity ? 0.5 : 1 }
}
