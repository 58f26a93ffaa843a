/// The mean relative gain over a baseline, called delta-m: what all tasks together win or lose.
///
/// `1/K Σ_k 1/M_k Σ_m s (x - b) / |b|`, where `x` is the method's and `b` the baseline's value of metric
/// `m` of task `k`, and `s` is 1 where higher is better and -1 where lower is.
///
/// - Source: Maninis, Radosavovic and Kokkinos, "Attentive Single-Tasking of Multiple Tasks", CVPR 2019,
///   §4, <https://doi.org/10.1109/CVPR.2019.00195>, for one metric a task; the mean over a task's metrics
///   as in LibMTL (Lin and Zhang, JMLR 24, 2023).
/// - Departures: metrics with a target, such as calibration, have no relative gain and are left out.
public enum RelativeGain {
    /// A method's value of a metric beside the baseline's.
    public struct Pair: Hashable, Sendable {
        /// The method's value.
        public let value: Double
        /// The baseline's value.
        public let baseline: Double
        /// Which values are good ones.
        public let goal: MetricGoal

        /// Creates a pair.
        public init(value: Double, baseline: Double, goal: MetricGoal) {
            self.value = value
            self.baseline = baseline
            self.goal = goal
        }

        /// The relative gain, positive where the method is better; nil where there is none.
        public var gain: Double? {
            guard RelativeGain.counts(goal), baseline != 0 else { return nil }
            let gain = (value - baseline) / abs(baseline)
            return goal == .higher ? gain : -gain
        }
    }

    /// Whether a metric of this goal takes part.
    public static func counts(_ goal: MetricGoal) -> Bool {
        if case .closerTo = goal { false } else { true }
    }

    /// The mean over tasks of the mean over their metrics.
    ///
    /// - Parameter tasks: the pairs of each task.
    /// - Returns: the share gained, such as 0.01 for 1 %; nil where no metric takes part or a baseline
    ///   is 0.
    public static func mean(_ tasks: [[Pair]]) -> Double? {
        var gains: [Double] = []
        for pairs in tasks {
            let counted = pairs.filter { counts($0.goal) }
            guard !counted.isEmpty else { continue }
            let each = counted.compactMap(\.gain)
            guard each.count == counted.count else { return nil }
            gains.append(each.reduce(0, +) / Double(each.count))
        }
        guard !gains.isEmpty else { return nil }
        return gains.reduce(0, +) / Double(gains.count)
    }
}
