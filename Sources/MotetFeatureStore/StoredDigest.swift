/// 64 bits that tell whether stored bytes are those that were written.
///
/// SQLite checks its write-ahead log, but not the pages of its files: a byte that changed on the disk would be read as
/// if it had been written. The digest is against damage, not against somebody who means it.
struct StoredDigest {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The digest of what was added so far, as SQLite stores numbers.
    var value: Int64 { Int64(bitPattern: state ^ state >> 32) }

    /// The digest of an entry of the log, and of its place there.
    static func entry(_ sequence: Int64, _ content: [UInt8]) -> Int64 {
        var digest = StoredDigest()
        digest.add(UInt64(bitPattern: sequence))
        digest.add(content)
        return digest.value
    }

    /// Adds a piece; pieces have boundaries.
    mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            let whole = bytes.count / 8 * 8
            for place in stride(from: 0, to: whole, by: 8) {
                add(bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self).littleEndian)
            }
            var rest: UInt64 = 0
            for place in whole..<bytes.count { rest = rest << 8 | UInt64(bytes[place]) }
            add(rest)
            add(UInt64(bytes.count))
        }
    }

    /// A bijection of the state for each word, and of the word for each state: no single change is lost.
    private mutating func add(_ word: UInt64) {
        state = (state ^ word) &* 0xA076_1D64_78BD_642F
        state ^= state >> 29
    }
}
