/// The memory behind one or several tensors.
///
/// `@unchecked Sendable`: the memory is written only through `Tensor`'s `withMutable...`, which first
/// makes the storage unique to that one value; shared storage is therefore immutable.
final class TensorStorage: @unchecked Sendable {
    static let alignment = 64
    let bytes: UnsafeMutableRawBufferPointer

    /// Zeroed memory.
    init(byteCount: Int) {
        bytes = .allocate(byteCount: max(byteCount, 1), alignment: TensorStorage.alignment)
        _ = bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    init(copying other: TensorStorage) {
        bytes = .allocate(byteCount: other.bytes.count, alignment: TensorStorage.alignment)
        bytes.copyMemory(from: UnsafeRawBufferPointer(other.bytes))
    }

    deinit { bytes.deallocate() }
}

extension Tensor {
    /// Reads the elements' bytes.
    public func withBytes<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(rebasing: storage.bytes.prefix(byteCount)))
    }

    /// Writes the elements' bytes, after making this value the only owner of its storage.
    public mutating func withMutableBytes<Result, Failure>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if !isKnownUniquelyReferenced(&storage) { storage = TensorStorage(copying: storage) }
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeMutableRawBufferPointer(rebasing: storage.bytes.prefix(byteCount)))
    }

    /// Reads the elements of a float tensor.
    public func withFloats<Result, Failure>(
        _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(dtype == .float32, "Tensor: expected float32 elements; received \(dtype).")
        return try withBytes { bytes throws(Failure) in try body(bytes.bindMemory(to: Float.self)) }
    }

    /// Writes the elements of a float tensor.
    public mutating func withMutableFloats<Result, Failure>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(dtype == .float32, "Tensor: expected float32 elements; received \(dtype).")
        return try withMutableBytes { bytes throws(Failure) in
            try body(bytes.bindMemory(to: Float.self))
        }
    }

    /// Reads the elements of an integer tensor.
    public func withIntegers<Result, Failure>(
        _ body: (UnsafeBufferPointer<Int32>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(dtype == .int32, "Tensor: expected int32 elements; received \(dtype).")
        return try withBytes { bytes throws(Failure) in try body(bytes.bindMemory(to: Int32.self)) }
    }

    /// Writes the elements of an integer tensor.
    public mutating func withMutableIntegers<Result, Failure>(
        _ body: (UnsafeMutableBufferPointer<Int32>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(dtype == .int32, "Tensor: expected int32 elements; received \(dtype).")
        return try withMutableBytes { bytes throws(Failure) in
            try body(bytes.bindMemory(to: Int32.self))
        }
    }
}
