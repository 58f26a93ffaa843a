import MotetCore

/// How often each row occurs in a resample: independent Poisson numbers of mean 1.
///
/// Drawing rows with replacement gives each row a binomial count of mean 1; Poisson counts are its
/// limit, need no pass over the other rows, and make a row's count depend on its number alone, so that
/// two models are resampled together. With 32 random bits a row, probabilities are exact to 2⁻³².
///
/// - Source: Hanley and MacGibbon, "Creating non-parametric bootstrap samples using Poisson
///   frequencies", Computer Methods and Programs in Biomedicine 83, 2006.
///   <https://doi.org/10.1016/j.cmpb.2006.04.006>
struct PoissonCounts: Sendable {
    /// `thresholds[k]` is `2³²` times the probability of at most `k`.
    private let thresholds: [UInt64]
    /// The count for the upper 8 bits of a draw, or `undecided` where a threshold lies between.
    private let firstGuess: [UInt8]
    private static let undecided = UInt8.max

    init() {
        var thresholds: [UInt64] = []
        var (cumulative, probability) = (0.0, exponential(-1))
        while thresholds.last ?? 0 < 1 << 32 {
            cumulative += probability
            thresholds.append(UInt64((cumulative * 0x1p32).rounded()))
            probability /= Double(thresholds.count)
        }
        self.thresholds = thresholds
        firstGuess = (0..<256).map { byte in
            let lowest = Self.count(of: UInt64(byte) << 24, thresholds)
            let highest = Self.count(of: UInt64(byte) << 24 | 0xFF_FFFF, thresholds)
            return lowest == highest ? lowest : Self.undecided
        }
    }

    /// The count whose interval of cumulative probability holds a draw of 32 bits.
    private static func count(of draw: UInt64, _ thresholds: [UInt64]) -> UInt8 {
        UInt8(thresholds.prefix { draw >= $0 }.count)
    }

    /// The count for a draw of 32 random bits.
    func count(of draw: UInt64) -> UInt8 {
        let guess = firstGuess[Int(draw >> 24)]
        return guess == Self.undecided ? Self.count(of: draw, thresholds) : guess
    }

    /// Fills in the counts of rows; two rows share a number of the stream.
    func fill(_ counts: inout [UInt8], key: RandomKey) {
        for pair in 0..<counts.count / 2 {
            let bits = key.bits(pair)
            counts[2 * pair] = count(of: bits >> 32)
            counts[2 * pair + 1] = count(of: bits & 0xFFFF_FFFF)
        }
        if !counts.count.isMultiple(of: 2) {
            counts[counts.count - 1] = count(of: key.bits(counts.count / 2) >> 32)
        }
    }

    /// Fills in the counts of rows so that the rows of a group occur together.
    func fill(_ counts: inout [UInt8], groups: [Int32], key: RandomKey) {
        for row in counts.indices { counts[row] = count(of: key.bits(Int(groups[row])) >> 32) }
    }
}
