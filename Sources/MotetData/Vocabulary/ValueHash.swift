import CKernels

/// The stable hash behind ``VocabularySpecification/hashed(buckets:)``.
public enum ValueHash {
    /// The 64-bit hash of a value's text; an integer in decimal spelling hashes as the integer.
    public static func hash(of text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return motet_hash_text([0], 0) }
            return motet_hash_text(base, Int64(bytes.count))
        }
    }

    /// The id, from 1, of a value of a feature with hash buckets.
    public static func bucket(of text: String, buckets: Int) -> Int {
        bucket(of: hash(of: text), buckets: buckets)
    }

    static func bucket(of hash: UInt64, buckets: Int) -> Int {
        Int(hash.multipliedFullWidth(by: UInt64(buckets)).high) + 1
    }
}
