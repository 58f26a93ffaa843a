/// The element type of a tensor.
public enum DType: String, Hashable, Sendable, Codable, CaseIterable {
    /// IEEE 754 single precision: activations, parameters, numeric features, labels.
    case float32
    /// Signed 32-bit integer: ids, offsets, counts.
    case int32

    /// The size of one element in bytes.
    public var byteCount: Int { 4 }
}
