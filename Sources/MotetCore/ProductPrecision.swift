/// The numbers that a model which only answers multiplies; sums are always taken in float32.
public enum ProductPrecision: String, Sendable, Codable, CaseIterable {
    /// Numbers of 32 bits.
    case float32 = "f32"
    /// Numbers of 16 bits with the range of float32 and 8 bits of precision.
    case bfloat16 = "bf16"
}
