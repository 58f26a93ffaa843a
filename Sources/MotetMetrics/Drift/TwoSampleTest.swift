import Foundation

/// The two-sample Kolmogorov-Smirnov test: whether two samples come from one distribution.
///
/// - Formula: `D = max |F(x) - G(x)|` over the distribution functions of the samples; with `n = n1 n2 / (n1 + n2)` the probability of
///   a greater `D` under one distribution is about `Q(sqrt(n) D)`, `Q(t) = 2 Σ (-1)^(k-1) exp(-2 k² t²)`.
/// - Source: Smirnov, "Table for Estimating the Goodness of Fit of Empirical Distributions", Annals of Mathematical Statistics
///   19(2), 1948. <https://doi.org/10.1214/aoms/1177730256>
/// - Departures: with ties, as of whole numbers, the probability is an upper bound.
public enum TwoSampleTest {
    /// The greatest distance of two distribution functions, and how probable a greater one is by chance.
    public struct Result: Codable, Hashable, Sendable {
        /// The distance `D`, from 0 to 1.
        public let distance: Double
        /// The probability of a greater one, were both samples of one distribution.
        public let probability: Double
    }

    /// Compares two samples.
    ///
    /// - Parameters:
    ///   - first: numbers in ascending order; NaN is not among them.
    ///   - second: the same.
    /// - Returns: distance and probability; nil where a sample is empty.
    public static func compare(sorted first: [Float], _ second: [Float]) -> Result? {
        guard !first.isEmpty, !second.isEmpty else { return nil }
        let (all, others) = (Double(first.count), Double(second.count))
        var (one, other, distance) = (0, 0, 0.0)
        while one < first.count, other < second.count {
            let value = min(first[one], second[other])
            while one < first.count, first[one] == value { one += 1 }
            while other < second.count, second[other] == value { other += 1 }
            distance = max(distance, abs(Double(one) / all - Double(other) / others))
        }
        return Result(
            distance: distance,
            probability: exceeding((all * others / (all + others)).squareRoot() * distance)
        )
    }

    /// The probability that Kolmogorov's limit is exceeded.
    ///
    /// Below 1 by the sum that converges there (of theta functions), above by the usual one; both are exact to 1e-15 at 1.
    public static func exceeding(_ value: Double) -> Double {
        guard value > 0 else { return 1 }
        guard value >= 1 else {
            let factor = -Double.pi * Double.pi / (8 * value * value)
            let sum = stride(from: 1.0, through: 9, by: 2).reduce(0.0) {
                $0 + exp($1 * $1 * factor)
            }
            return min(max(1 - (2 * Double.pi).squareRoot() / value * sum, 0), 1)
        }
        var (sum, sign) = (0.0, 1.0)
        for index in 1...20 {
            sum += sign * exp(-2 * Double(index * index) * value * value)
            sign = -sign
        }
        return min(max(2 * sum, 0), 1)
    }
}
