/// The choices none of which another one beats in everything.
public enum ParetoFront {
    /// The points that no other point dominates: is at least as good everywhere, and better somewhere.
    ///
    /// Equal points are both on the front.
    ///
    /// - Parameters:
    ///   - points: for each choice its values, one for each goal.
    ///   - goals: which values are good ones.
    /// - Returns: the numbers of the points on the front, in order.
    public static func indices(of points: [[Double]], goals: [MetricGoal]) -> [Int] {
        let costs = points.map { point in zip(point, goals).map { $1.badness(of: $0) } }
        return costs.indices.filter { index in
            !costs.contains { dominates($0, costs[index]) }
        }
    }

    private static func dominates(_ left: [Double], _ right: [Double]) -> Bool {
        let pairs = zip(left, right)
        return pairs.allSatisfy { $0 <= $1 } && pairs.contains { $0 < $1 }
    }
}
