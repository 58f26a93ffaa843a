/// 128 bits made of an event's id, which stand for it wherever events are told apart.
///
/// The same id gives the same bits in every process. Among a thousand million ids, the chance that two of
/// them fall together is about 1e-21.
struct EventIdentity: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(_ id: String) {
        var id = id
        self = id.withUTF8 { bytes in
            var high: UInt64 = 0x9E37_79B9_7F4A_7C15
            var low: UInt64 = 0xD1B5_4A32_D192_ED03
            var start = 0
            while start < bytes.count {
                var word: UInt64 = 0
                for position in start..<min(start + 8, bytes.count) {
                    word = word << 8 | UInt64(bytes[position])
                }
                high = Self.fold(high ^ word, 0xA076_1D64_78BD_642F)
                low = Self.fold(low &+ word, 0xE703_7ED1_A0B4_28DB) ^ high.byteSwapped
                start += 8
            }
            let length = UInt64(bytes.count)
            return EventIdentity(
                high: Self.mix(high ^ length),
                low: Self.mix(low &+ length &* 0x9E37_79B9_7F4A_7C15)
            )
        }
    }

    /// The bits are spread already: one word of them is enough.
    func hash(into hasher: inout Hasher) { hasher.combine(low) }

    /// Both halves of a product, one upon the other.
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        // A left side of zero would forget what came before.
        let product = (left | 1 << 63).multipliedFullWidth(by: right)
        return product.high ^ product.low ^ left
    }

    /// The finaliser of SplitMix64.
    private static func mix(_ input: UInt64) -> UInt64 {
        var bits = input
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
