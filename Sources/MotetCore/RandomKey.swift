/// The seed of a stream of random numbers, as a value.
///
/// Splitting by name or number gives independent keys, so that adding a layer, a feature or an epoch
/// does not change the numbers drawn elsewhere. The same key always gives the same numbers.
///
/// - Source: the generator is SplitMix64 of a counter: Steele, Lea and Flood, "Fast Splittable
///   Pseudorandom Number Generators", OOPSLA 2014, <https://doi.org/10.1145/2660193.2660195>; its
///   finaliser is also what the C kernels use, so dropout masks agree between backends.
public struct RandomKey: Hashable, Sendable, Codable {
    /// The state that seeds the stream.
    public let value: UInt64

    /// Creates a key from a seed.
    public init(seed: UInt64) { value = RandomKey.mix(seed &+ 0x9E37_79B9_7F4A_7C15) }

    private init(value: UInt64) { self.value = value }

    /// An independent key for a name.
    public func split(_ name: String) -> RandomKey {
        // FNV-1a of the name, mixed into the state.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return RandomKey(value: RandomKey.mix(value ^ RandomKey.mix(hash)))
    }

    /// An independent key for a number, such as an epoch or a step.
    public func split(_ number: Int) -> RandomKey {
        let bits = UInt64(bitPattern: Int64(number))
        return RandomKey(value: RandomKey.mix(value &+ RandomKey.mix(bits ^ 0xD1B5_4A32_D192_ED03)))
    }

    /// The `index`-th number of the stream, all 64 bits uniform.
    public func bits(_ index: Int) -> UInt64 {
        RandomKey.mix(value &+ UInt64(bitPattern: Int64(index)) &* 0x9E37_79B9_7F4A_7C15)
    }

    /// The finaliser of SplitMix64: a bijection of 64 bits in which every input bit reaches every output bit.
    public static func mix(_ input: UInt64) -> UInt64 {
        var bits = input
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A generator that walks through the stream, for the standard library's `random` functions.
    public func generator() -> RandomKeyGenerator { RandomKeyGenerator(key: self) }

    /// Keys `0 ..< count`, for tests that run over several seeds.
    public static func seeds(_ count: Int) -> [RandomKey] {
        (0..<count).map { RandomKey(seed: UInt64($0)) }
    }
}

/// A random number generator that draws the numbers of a key in order.
public struct RandomKeyGenerator: RandomNumberGenerator, Sendable {
    private let key: RandomKey
    private var index = 0

    /// Creates a generator at the start of a key's stream.
    public init(key: RandomKey) { self.key = key }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        defer { index += 1 }
        return key.bits(index)
    }

    /// The next number uniform in `[0, 1)`, with 53 random bits.
    public mutating func nextUniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// The next number of the standard normal distribution (Box and Muller, 1958).
    public mutating func nextNormal() -> Double {
        let radius = (-2 * logarithm(1 - nextUniform())).squareRoot()
        return radius * cosine(2 * Double.pi * nextUniform())
    }
}
