import MotetData

/// HMAC-SHA-256: a hash that only those can compute who have the key.
///
/// - Formula: `H((K ^ opad) || H((K ^ ipad) || text))`, with `K` the key filled up to a block with zeros, or
///   its digest where it is longer, and `ipad`, `opad` blocks of 0x36 and 0x5c.
/// - Source: NIST, "The Keyed-Hash Message Authentication Code", FIPS 198-1, 2008.
///   <https://doi.org/10.6028/NIST.FIPS.198-1>
struct KeyedHash: Sendable {
    private static let blockBytes = 64
    private let inner: SHA256
    private let outer: SHA256

    /// Takes a key of any length.
    init(key: [UInt8]) {
        var block = key
        if block.count > Self.blockBytes {
            var digest = SHA256()
            digest.update(key)
            block = digest.digest()
        }
        block += [UInt8](repeating: 0, count: Self.blockBytes - block.count)
        inner = Self.started(block, 0x36)
        outer = Self.started(block, 0x5C)
    }

    private static func started(_ block: [UInt8], _ pad: UInt8) -> SHA256 {
        var digest = SHA256()
        digest.update(block.map { $0 ^ pad })
        return digest
    }

    /// The 32 bytes of a text.
    func hash(_ text: some Collection<UInt8>) -> [UInt8] {
        var (inner, outer) = (inner, outer)
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()
    }
}
