import MotetCore

extension RandomKey {
    /// The `index`-th number uniform in `[0, 1)`.
    func uniform(_ index: Int) -> Double { Double(bits(index) >> 11) * 0x1p-53 }

    /// The `index`-th number of the standard normal distribution (Box and Muller, 1958).
    func normal(_ index: Int) -> Double {
        let radius = (-2 * logarithm(1 - uniform(2 * index))).squareRoot()
        return radius * cosine(2 * Double.pi * uniform(2 * index + 1))
    }

    /// The `index`-th number of the exponential distribution with mean 1.
    func exponentialDraw(_ index: Int) -> Double { -logarithm(1 - uniform(index)) }

    /// The numbers `0 ..< count` in an order of its own (Fisher and Yates).
    func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        var place = count - 1
        while place > 0 {
            order.swapAt(place, Int(uniform(place) * Double(place + 1)))
            place -= 1
        }
        return order
    }

    /// A number of the Poisson distribution: by its definition where the mean is below 50, else the rounded
    /// normal number of the same mean and variance.
    func poisson(mean: Double) -> Int {
        guard mean < 50 else {
            return max(0, Int((mean + mean.squareRoot() * normal(0)).rounded()))
        }
        let limit = exponential(-mean)
        var (count, product) = (0, uniform(0))
        while product > limit {
            count += 1
            product *= uniform(count)
        }
        return count
    }
}

/// Draws numbers with given weights in constant time.
///
/// - Source: Vose, "A linear algorithm for generating random numbers with a given distribution", IEEE
///   Transactions on Software Engineering 17 (1991). <https://doi.org/10.1109/32.92917>
struct AliasTable: Sendable {
    private let thresholds: [Double]
    private let others: [Int32]
    /// The probability of each number.
    let probabilities: [Double]

    init(weights: [Double]) {
        let sum = weights.reduce(0, +)
        let count = weights.count
        probabilities = weights.map { $0 / sum }
        var scaled = probabilities.map { $0 * Double(count) }
        var thresholds = [Double](repeating: 1, count: count)
        var others = (0..<count).map(Int32.init)
        var small = scaled.indices.filter { scaled[$0] < 1 }
        var large = scaled.indices.filter { scaled[$0] >= 1 }
        while let low = small.last, let high = large.last {
            small.removeLast()
            thresholds[low] = scaled[low]
            others[low] = Int32(high)
            scaled[high] -= 1 - scaled[low]
            if scaled[high] < 1 {
                large.removeLast()
                small.append(high)
            }
        }
        self.thresholds = thresholds
        self.others = others
    }

    /// Weights by Zipf's law, the ranks in an order of their own.
    init(count: Int, exponent: Double, key: RandomKey) {
        let ranks = key.permutation(count)
        self.init(weights: ranks.map { power(Double($0 + 1), -exponent) })
    }

    /// The number that a uniform number in `[0, 1)` stands for.
    func draw(_ uniform: Double) -> Int {
        let scaled = uniform * Double(thresholds.count)
        let index = min(Int(scaled), thresholds.count - 1)
        return scaled - Double(index) < thresholds[index] ? index : Int(others[index])
    }
}
