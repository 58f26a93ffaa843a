public import MotetCore

/// Fair resource allocation: the gain of each task is traded against the others' at a chosen fairness.
///
/// The weights solve `G w = w^(-1/alpha)` with `w > 0`. `alpha = 1` is Nash's bargaining solution, a great
/// `alpha` the direction that helps the worst task most.
///
/// - Source: Ban and Ji, "Fair Resource Allocation in Multi-Task Learning", ICML 2024, eq. 4.
///   <https://arxiv.org/abs/2402.15638>
/// - Departures: the equation is the stationarity of a convex function, whose minimum Newton's method finds;
///   tasks without a gradient get weight 0.
public struct FairGrad: GradientWeighting {
    /// `fairgrad`.
    public static let name = "fairgrad"
    /// The fairness.
    public let alpha: Double

    /// Creates the rule.
    ///
    /// - Parameter alpha: above 0; the paper uses 0.1 to 10.
    public init(alpha: Double = 1) {
        precondition(alpha > 0, "FairGrad: alpha is above 0; received \(alpha)")
        self.alpha = alpha
    }

    /// The positive solution.
    public func weights(
        _ gramian: Gramian,
        _: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        FairAllocation(alpha: alpha).solution(gramian)
    }
}

/// Nash's bargaining solution between tasks: the direction that maximises the product of their gains.
///
/// The weights solve `G w = 1 / w` with `w > 0`. The direction's length is the square root of the number of
/// tasks, whatever the gradients' lengths, so it is limited, or training would never settle.
///
/// - Source: Navon et al., "Multi-Task Learning as a Bargaining Game", ICML 2022, claim 3.1 and algorithm 1.
///   <https://arxiv.org/abs/2202.01017>
/// - Departures: the equation is solved exactly, not by a series of convex programs. By default the
///   direction gets the length of the mean gradient instead of the fixed limit of 1, which stalls training
///   where gradients are small.
public struct NashMTL: GradientWeighting {
    /// `nash_mtl`.
    public static let name = "nash_mtl"

    /// How long the direction is.
    public enum Length: Hashable, Sendable {
        /// That of the mean gradient.
        case ofMean
        /// At most this; the authors' code has 1.
        case atMost(Double)
    }

    /// How long the direction is.
    public let length: Length
    /// In how many steps the weights are computed once.
    public let interval: Int

    /// Creates the rule.
    ///
    /// - Parameters:
    ///   - length: how long the direction is.
    ///   - interval: in how many steps the weights are computed once, at least 1.
    public init(length: Length = .ofMean, interval: Int = 1) {
        precondition(interval >= 1, "NashMTL: the interval is at least 1; received \(interval)")
        self.length = length
        self.interval = interval
    }

    /// The solution, at the length asked for; weights that are kept are in the state.
    public func weights(
        _ gramian: Gramian,
        _ state: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        let isKept = state.numbers.count == gramian.count && state.step % interval != 0
        if !isKept {
            guard let solved = FairAllocation(alpha: 1).solution(gramian) else { return nil }
            state.numbers = solved
        }
        let solved = state.numbers
        let size = gramian.squaredNorm(of: solved).squareRoot()
        guard size > 0 else { return solved }
        let factor: Double
        switch length {
        case .ofMean:
            factor = gramian.squaredNorm(of: MGDA.equal(gramian.count)).squareRoot() / size
        case .atMost(let limit): factor = min(1, limit / size)
        }
        return solved.map { $0 * factor }
    }
}
