import MotetCore

/// An estimate of how many different values there are, in 16 KiB: HyperLogLog with 2^14 registers.
///
/// The standard error is 1.04 / sqrt(2^14) = 0.8 %. It is used for counts far above 5 x 2^14 only,
/// where the estimate has no bias worth correcting; hashes have 64 bits, so none collide in effect.
///
/// - Source: Flajolet, Fusy, Gandouet and Meunier, "HyperLogLog: the analysis of a near-optimal
///   cardinality estimation algorithm", AofA 2007, fig. 3. <https://doi.org/10.46298/dmtcs.3545>
struct DistinctSketch {
    private static let bits = 14
    private var registers = [UInt8](repeating: 0, count: 1 << bits)

    /// Takes in a value by its hash.
    mutating func add(_ hash: UInt64) {
        // Another mixing than the tables' own, as their slots use the same bits.
        let bits = RandomKey.mix(hash ^ 0xA076_1D64_78BD_642F)
        let register = Int(bits >> UInt64(64 - Self.bits))
        let rest = bits << UInt64(Self.bits) | 1 << UInt64(Self.bits - 1)
        registers[register] = max(registers[register], UInt8(rest.leadingZeroBitCount + 1))
    }

    /// How many different values were added, about.
    var estimate: Int {
        let count = Double(registers.count)
        let alpha = 0.7213 / (1 + 1.079 / count)
        let sum = registers.reduce(0.0) { $0 + 1 / Double(UInt64(1) << UInt64($1)) }
        return Int((alpha * count * count / sum).rounded())
    }
}
