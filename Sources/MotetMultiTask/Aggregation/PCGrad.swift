public import MotetCore

/// Projecting conflicting gradients: each task's gradient loses what opposes another's.
///
/// For each task *i* and each other task *j* in random order: where `g_i . g_j < 0`,
/// `g_i <- g_i - (g_i . g_j / |g_j|^2) g_j`, with the original `g_j`. The changed gradients are summed.
///
/// - Complexity: `K^3` operations.
/// - Source: Yu et al., "Gradient Surgery for Multi-Task Learning", NeurIPS 2020, algorithm 1.
///   <https://arxiv.org/abs/2001.06782>
public struct PCGrad: GradientWeighting {
    /// `pcgrad`.
    public static let name = "pcgrad"

    /// Creates the rule.
    public init() {}

    /// The sums of the coefficients of the changed gradients.
    public func weights(_ gramian: Gramian, _: inout AggregationState, key: RandomKey) -> [Double]?
    {
        weights(gramian, orders: TaskOrders.random(gramian.count, key: key))
    }

    func weights(_ gramian: Gramian, orders: [[Int]]) -> [Double] {
        var total = [Double](repeating: 0, count: gramian.count)
        for (task, order) in orders.enumerated() {
            var coefficients = [Double](repeating: 0, count: gramian.count)
            coefficients[task] = 1
            for other in order where gramian[other, other] > 0 {
                let product = gramian.products(with: coefficients)[other]
                if product < 0 { coefficients[other] -= product / gramian[other, other] }
            }
            for index in total.indices { total[index] += coefficients[index] }
        }
        return total
    }
}

/// In which order each task meets the others.
enum TaskOrders {
    static func random(_ count: Int, key: RandomKey) -> [[Int]] {
        (0..<count).map { task in
            var generator = key.split(task).generator()
            return (0..<count).filter { $0 != task }.shuffled(using: &generator)
        }
    }
}
