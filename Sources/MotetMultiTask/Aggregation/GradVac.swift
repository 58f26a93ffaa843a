public import MotetCore

/// Gradient vaccine: gradients are turned towards each other until they are as alike as they usually are.
///
/// For each task *i* and each other *j* in random order, with `c` the cosine of the changed `g_i` and `g_j`
/// and `t` its target: where `c < t`,
/// `g_i <- g_i + |g_i| (t sqrt(1 - c^2) - c sqrt(1 - t^2)) / (|g_j| sqrt(1 - t^2)) g_j`; then
/// `t <- (1 - beta) t + beta c`. Targets begin at 0. The changed gradients are summed.
///
/// - Source: Wang et al., "Gradient Vaccine: Investigating and Improving Multi-task Optimization in
///   Massively Multilingual Models", ICLR 2021, algorithm 1 and eq. 3-4. <https://arxiv.org/abs/2010.05874>
public struct GradVac: GradientWeighting {
    /// `gradvac`.
    public static let name = "gradvac"
    /// How far a target moves towards each new cosine.
    public let beta: Double

    /// Creates the rule; the paper uses a `beta` of 0.01, its implementations 0.5.
    public init(beta: Double = 0.01) {
        precondition((0...1).contains(beta), "GradVac: beta is within [0, 1]; received \(beta)")
        self.beta = beta
    }

    /// The sums of the coefficients of the changed gradients; the targets are kept in the state.
    public func weights(
        _ gramian: Gramian,
        _ state: inout AggregationState,
        key: RandomKey
    ) -> [Double]? {
        weights(gramian, &state, orders: TaskOrders.random(gramian.count, key: key))
    }

    func weights(
        _ gramian: Gramian,
        _ state: inout AggregationState,
        orders: [[Int]]
    ) -> [Double] {
        let (count, norms) = (gramian.count, gramian.norms)
        if state.numbers.count != count * count {
            state.numbers = Array(repeating: 0, count: count * count)
        }
        var total = [Double](repeating: 0, count: count)
        for (task, order) in orders.enumerated() {
            var coefficients = [Double](repeating: 0, count: count)
            coefficients[task] = 1
            for other in order {
                let length = gramian.squaredNorm(of: coefficients).squareRoot()
                guard length > 0, norms[other] > 0 else { continue }
                let product = gramian.products(with: coefficients)[other]
                let cosine = min(1, max(-1, product / (length * norms[other])))
                let target = state.numbers[task * count + other]
                let targetSine = (1 - target * target).squareRoot()
                if cosine < target, targetSine > 0 {
                    let sine = (1 - cosine * cosine).squareRoot()
                    coefficients[other] +=
                        length * (target * sine - cosine * targetSine)
                        / (norms[other] * targetSine)
                }
                state.numbers[task * count + other] = (1 - beta) * target + beta * cosine
            }
            for index in total.indices { total[index] += coefficients[index] }
        }
        return total
    }
}
