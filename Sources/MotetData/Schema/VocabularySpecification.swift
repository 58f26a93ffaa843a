/// How the values of a categorical or sequence feature become ids.
///
/// Id 0 stands for a value that is not in the vocabulary; the values have ids from 1.
public enum VocabularySpecification: Codable, Hashable, Sendable {
    /// The values of the training rows, the most frequent first, ties in order of appearance;
    /// at most `limit` of them, none seen fewer than `minimumFrequency` times.
    case learned(limit: Int? = nil, minimumFrequency: Int = 1)
    /// These values, in this order.
    case values([String])
    /// A stable hash of the value, spread over `buckets` ids from 1; nothing is learnt.
    ///
    /// For text the hash folds SplitMix64's finaliser `mix` over the UTF-8 bytes in little-endian
    /// words of eight, the last padded with zeros, from `mix(length + 0x9E3779B97F4A7C15)`:
    /// `state = mix(state ^ word)`. An integer `v`, also one written as text, hashes to
    /// `mix(v + 0x9E3779B97F4A7C15)`. The bucket is the upper half of `hash * buckets`.
    case hashed(buckets: Int)
    /// The vocabulary and table of another feature, learnt from the values of both.
    case shared(with: String)
}
