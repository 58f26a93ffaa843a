import MotetCore

/// Which exposures stay in the sample, and how much each of them counts.
///
/// Every bought exposure stays, and counts 1. An exposure that was not bought stays with
/// probability `1 / interval`, and counts `interval`. Whether it stays depends on the seed and on
/// its household, store, week and product only, all known before the visit.
///
/// So every row `i` of the full log stays with a known probability `p_i > 0` and counts `1 / p_i`;
/// for any quantity `f_i` of a row (a loss, a gradient, a label, a count) the expected weighted sum
/// over the sample is `sum_i p_i * (1 / p_i) * f_i = sum_i f_i`, the sum over the full log. That
/// `p_i` depends on the label does no harm, because the weight undoes exactly that dependence;
/// leaving the weight out would.
///
/// - Source: Horvitz and Thompson, "A Generalization of Sampling Without Replacement From a Finite
///   Universe", JASA 47, 1952. <https://doi.org/10.1080/01621459.1952.10483446>
struct ExposureSampling: Hashable, Sendable {
    /// One of so many exposures that were not bought stays.
    let interval: Int
    private let key: RandomKey
    private let threshold: UInt64

    /// Creates a sampling rule.
    init(interval: Int, seed: UInt64) {
        self.interval = interval
        key = RandomKey(seed: seed).split("exposures")
        threshold = .max / UInt64(interval)
    }

    /// The smallest interval for which the sample very probably has at most so many rows.
    ///
    /// Five standard deviations of the number of rows stay free.
    ///
    /// - Parameters:
    ///   - rows: the most rows.
    ///   - bought: the bought exposures.
    ///   - exposures: all exposures.
    /// - Returns: the interval, or nil where not even the bought exposures fit.
    static func interval(rows: Int, bought: Int, exposures: Int) -> Int? {
        if exposures <= rows { return 1 }
        let free = Double(rows - bought)
        let room = free - 5 * Double(max(0, rows)).squareRoot()
        guard room >= 1 else { return nil }
        return max(1, Int((Double(exposures - bought) / room).rounded(.up)))
    }

    /// What an exposure that was not bought counts.
    var weight: Float { Float(interval) }

    /// The part of a row's number that a visit fixes.
    func visit(household: Int32, store: Int32, week: Int) -> UInt64 {
        RandomKey.mix(
            UInt64(UInt32(bitPattern: household)) << 32 | UInt64(UInt32(bitPattern: store))
        ) &+ UInt64(week) &* 0xD1B5_4A32_D192_ED03
    }

    /// Whether an exposure stays if it was not bought.
    func keeps(visit: UInt64, product: Int32) -> Bool {
        let row = visit ^ UInt64(UInt32(bitPattern: product))
        return key.bits(Int(bitPattern: UInt(row))) <= threshold
    }
}
