public import MotetCore

/// A number that was measured over several seeds, with its value in each resample.
///
/// The value is the mean over the seeds. Each resample draws the rows again, the same for every
/// method, and the seeds again, for each method apart. A resample's value is
/// `m + √(S / (S - 1)) · (d - m)`, where `m` is the mean over all `S` seeds on the drawn rows and `d`
/// the mean over the drawn seeds: the factor makes the spread between so few seeds count in full (drawing `S`
/// numbers again shows `(S - 1) / S` of their variance). With one seed only rows are drawn.
///
/// Numbers that were made from the same rows may be combined resample by resample: their difference has the
/// interval of a paired bootstrap.
///
/// - Source: Davison and Hinkley, "Bootstrap Methods and their Application", Cambridge University Press
///   1997, §2.7 and §3.8. <https://doi.org/10.1017/CBO9780511802843>
public struct Replicates: Hashable, Sendable {
    /// The number; nil when it is undefined for a seed, or there is none.
    public let value: Double?
    /// The number in each resample; NaN where it is undefined.
    public let resampled: [Double]

    /// Below this share of resamples with a value, the rest says too little about the interval.
    private static let definedShare = 0.9

    /// Takes a number and its values in resamples.
    public init(value: Double?, resampled: [Double]) {
        self.value = value
        self.resampled = resampled
    }

    /// Draws seeds again in each resample of the rows.
    ///
    /// - Parameters:
    ///   - seeds: the number for each seed; nil where it is undefined.
    ///   - rows: for each seed its value in each resample of the rows; lists of one length.
    ///   - key: the key of the drawn seeds; numbers of one method share it.
    public init(seeds: [Double?], rows: [[Double]], key: RandomKey) {
        let known = seeds.compactMap { $0 }
        value = known.isEmpty || known.count < seeds.count ? nil : Self.mean(known)
        let count = seeds.count
        let resamples = rows.map(\.count).min() ?? 0
        resampled = (0..<resamples).map { resample in
            let values = rows.map { $0[resample] }
            let mean = Self.mean(values)
            guard count > 1 else { return mean }
            let stream = key.split(resample)
            let drawn = (0..<count).map { draw in values[Self.index(stream.bits(draw), count)] }
            let factor = (Double(count) / Double(count - 1)).squareRoot()
            return mean + factor * (Self.mean(drawn) - mean)
        }
    }

    /// A number `0 ..< count` from 64 random bits.
    static func index(_ bits: UInt64, _ count: Int) -> Int {
        Int(bits.multipliedFullWidth(by: UInt64(count)).high)
    }

    private static func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(values.count)
    }

    /// A number made from others, on the data and in each resample.
    ///
    /// - Parameters:
    ///   - parts: the numbers, resampled together.
    ///   - combine: makes one from them; nil where there is none.
    /// - Returns: the combined number.
    public static func combining(
        _ parts: [Replicates],
        _ combine: ([Double]) -> Double?
    ) -> Replicates {
        let values = parts.compactMap(\.value)
        let resamples = parts.map(\.resampled.count).min() ?? 0
        return Replicates(
            value: values.count == parts.count ? combine(values) : nil,
            resampled: (0..<resamples).map { resample in
                combine(parts.map { $0.resampled[resample] }) ?? .nan
            }
        )
    }

    /// The difference of two numbers from the same rows.
    public static func - (left: Replicates, right: Replicates) -> Replicates {
        combining([left, right]) { $0[0] - $0[1] }
    }

    /// The range that holds a share of the resampled values; nil when it is undefined in more than a
    /// tenth of them.
    public func interval(level: Double) -> ConfidenceInterval? {
        let defined = resampled.filter(\.isFinite)
        guard value != nil, !defined.isEmpty,
            Double(defined.count) >= Self.definedShare * Double(resampled.count)
        else { return nil }
        return ConfidenceInterval(
            values: defined,
            undefined: resampled.count - defined.count,
            level: level
        )
    }

    /// How often a resample lies as far on the other side of zero: a two-sided p-value.
    ///
    /// `min(1, 2 (min(below, above) + 1) / (B + 1))`, where `below` and `above` count the resamples on
    /// either side of 0, ties by half. The smallest it can be is `2 / (B + 1)`.
    public var pValue: Double? {
        let defined = resampled.filter(\.isFinite)
        guard value != nil, !defined.isEmpty else { return nil }
        let above = defined.reduce(0.0) { $0 + ($1 > 0 ? 1 : $1 == 0 ? 0.5 : 0) }
        let below = Double(defined.count) - above
        return min(1, 2 * (min(above, below) + 1) / Double(defined.count + 1))
    }
}
