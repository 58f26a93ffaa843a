import CKernels
import Foundation
import MotetCore

/// A running hash of 128 bits over bytes, to tell whether content changed; not cryptographic.
package struct ContentHash {
    private var state: (UInt64, UInt64, UInt64, UInt64) = (
        0x6A09_E667_F3BC_C908, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B, 0xA54F_F53A_5F1D_36F1
    )
    private var length: UInt64 = 0

    /// The hash of nothing yet.
    package init() {}

    /// Adds one piece; pieces have boundaries, so ("ab", "c") and ("a", "bc") differ.
    package mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { add($0) }
        length = RandomKey.mix(length &+ 1)
    }

    /// Adds a block of one long piece; all but the last hold a multiple of 32 bytes.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        length = RandomKey.mix(length ^ UInt64(bytes.count))
        guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
        withUnsafeMutableBytes(of: &state) { state in
            motet_content_hash(
                state.bindMemory(to: UInt64.self).baseAddress,
                base,
                Int64(bytes.count)
            )
        }
    }

    /// The hash as two words.
    package var words: (UInt64, UInt64) {
        let first = RandomKey.mix(state.0 ^ RandomKey.mix(state.1 &+ length))
        return (first, RandomKey.mix(state.2 ^ RandomKey.mix(state.3 ^ first)))
    }

    /// The hash as 32 hexadecimal digits.
    package var hexadecimal: String {
        [words.0, words.1].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
