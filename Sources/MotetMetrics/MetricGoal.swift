/// Which values of a metric are good ones.
public enum MetricGoal: Hashable, Sendable {
    /// Larger is better, as for AUC.
    case higher
    /// Smaller is better, as for log loss.
    case lower
    /// Nearer to a value is better, as for a calibration ratio to 1.
    case closerTo(Double)

    /// How bad a value is: smaller is better whatever the goal.
    public func badness(of value: Double) -> Double {
        switch self {
        case .higher: -value
        case .lower: value
        case .closerTo(let target): abs(value - target)
        }
    }

    /// Whether a value improves on the best so far by more than a margin; NaN never does.
    ///
    /// - Parameters:
    ///   - candidate: the new value.
    ///   - best: the best value so far, or nil if there is none.
    ///   - margin: the improvement that does not count yet, in the metric's unit.
    /// - Returns: true if the candidate should be kept in place of the best.
    public func isBetter(_ candidate: Double, than best: Double?, margin: Double = 0) -> Bool {
        guard !candidate.isNaN else { return false }
        guard let best, !best.isNaN else { return true }
        return badness(of: candidate) < badness(of: best) - margin
    }
}
