/// How a budget is meant to be spent over its period.
public struct SpendPlan: Hashable, Sendable {
    /// The share of the budget spent by the end of each of equal parts of the period; ascending, the last is 1.
    private let cumulative: [Double]

    /// The same in every moment.
    public static let even = SpendPlan(cumulative: [1])

    private init(cumulative: [Double]) { self.cumulative = cumulative }

    /// In proportion to the traffic that is expected, so that each visitor has the same chance of seeing the ad.
    ///
    /// - Parameter traffic: how much is expected in each of equal parts of the period, such as hours; none below 0 and
    ///   one above.
    /// - Throws: `DecisionError` where that is not so.
    public init(followingTraffic traffic: [Double]) throws(DecisionError) {
        let sum = traffic.reduce(0, +)
        guard traffic.allSatisfy({ $0 >= 0 }), sum > 0, sum.isFinite else {
            throw DecisionError(
                .budget,
                "plan: the traffic is out of range; expected finite numbers of at least 0, one of them above; received \(traffic)."
            )
        }
        var done = 0.0
        cumulative = traffic.map { part in
            done += part
            return done / sum
        }
    }

    /// The share of the budget that is meant to be spent by a time.
    ///
    /// - Parameter time: how much of the period is over, from 0 to 1.
    /// - Returns: the share, from 0 to 1; a line between the ends of parts.
    public func share(at time: Double) -> Double {
        let position = min(max(time, 0), 1) * Double(cumulative.count)
        let part = min(Int(position), cumulative.count - 1)
        let before = part == 0 ? 0 : cumulative[part - 1]
        return before + (cumulative[part] - before) * (position - Double(part))
    }
}
