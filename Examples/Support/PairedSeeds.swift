import Motet

/// How much two variants differ, seed by seed, with the interval of Student's t.
///
/// ```swift
/// let paired = PairedSeeds([(0.91, 0.90), (0.93, 0.91), (0.92, 0.91)])
/// ```
public struct PairedSeeds: Hashable, Sendable {
    /// The mean of the first variant.
    public let value: Double
    /// The mean of the second.
    public let base: Double
    /// The mean difference, the first less the second.
    public let mean: Double
    /// Half of the width of the interval of 95 % around it.
    public let halfWidth: Double

    /// Whether the interval leaves out 0.
    public var isClear: Bool { abs(mean) > halfWidth }

    /// Compares values; nil for fewer than two pairs, or where a value is not finite.
    ///
    /// - Parameter pairs: for each seed the value of either variant.
    public init?(_ pairs: [(value: Double, base: Double)]) {
        guard pairs.count > 1, pairs.allSatisfy({ $0.value.isFinite && $0.base.isFinite }) else {
            return nil
        }
        let count = Double(pairs.count)
        let differences = pairs.map { $0.value - $0.base }
        let mean = differences.reduce(0, +) / count
        let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = (squares / (count - 1) / count).squareRoot()
        value = pairs.reduce(0) { $0 + $1.value } / count
        base = pairs.reduce(0) { $0 + $1.base } / count
        self.mean = mean
        halfWidth = Self.quantile(freedom: pairs.count - 1) * error
    }

    /// The quantile 0.975 of Student's t.
    ///
    /// With `t = sqrt(n) tan a` the density is in proportion to `cos(a)^(n - 1)`, which is summed by Simpson's rule; the
    /// angle is found by halving.
    ///
    /// - Parameter freedom: the degrees of freedom `n`, at least 1.
    /// - Returns: the number that an absolute value exceeds once in twenty.
    public static func quantile(freedom: Int) -> Double {
        let half = Double.pi / 2
        func mass(_ angle: Double) -> Double {
            let steps = 2_000
            let width = angle / Double(steps)
            var sum = 0.0
            for step in 0...steps {
                let cosine = max(sine(half - Double(step) * width), 0)
                var density = 1.0
                for _ in 1..<max(freedom, 1) { density *= cosine }
                sum += density * (step == 0 || step == steps ? 1 : step % 2 == 1 ? 4 : 2)
            }
            return sum * width / 3
        }
        let whole = mass(half)
        var (low, high) = (0.0, half)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if mass(middle) < 0.95 * whole { low = middle } else { high = middle }
        }
        return Double(freedom).squareRoot() * sine(low) / sine(half - low)
    }
}
