/// A dense array of numbers of one type, in row-major order, with value semantics.
///
/// Copies share storage until one of them is written to. Storage is aligned to 64 bytes, one cache
/// line and one AVX-512 register.
public struct Tensor: Sendable {
    /// The sizes, outermost first.
    public let shape: [Int]
    /// The element type.
    public let dtype: DType
    var storage: TensorStorage

    /// A tensor of zeros.
    public init(zeros shape: [Int], dtype: DType = .float32) {
        self.shape = shape
        self.dtype = dtype
        storage = TensorStorage(byteCount: shape.reduce(1, *) * dtype.byteCount)
    }

    /// A tensor of floats.
    ///
    /// - Parameters:
    ///   - values: the elements in row-major order; as many as `shape` has.
    ///   - shape: the sizes; a vector when left out.
    public init(_ values: [Float], shape: [Int]? = nil) {
        self.init(zeros: shape ?? [values.count], dtype: .float32)
        precondition(
            count == values.count,
            "Tensor: expected \(count) values; received \(values.count)."
        )
        withMutableFloats { destination in
            for index in values.indices { destination[index] = values[index] }
        }
    }

    /// A tensor of integers.
    ///
    /// - Parameters:
    ///   - values: the elements in row-major order; as many as `shape` has.
    ///   - shape: the sizes; a vector when left out.
    public init(_ values: [Int32], shape: [Int]? = nil) {
        self.init(zeros: shape ?? [values.count], dtype: .int32)
        precondition(
            count == values.count,
            "Tensor: expected \(count) values; received \(values.count)."
        )
        withMutableIntegers { destination in
            for index in values.indices { destination[index] = values[index] }
        }
    }

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// The size in bytes.
    public var byteCount: Int { count * dtype.byteCount }

    /// The elements as floats; integers are converted.
    public var floats: [Float] {
        switch dtype {
        case .float32: withFloats { Array($0) }
        case .int32: withIntegers { $0.map(Float.init) }
        }
    }

    /// The elements of an integer tensor.
    public var integers: [Int32] { withIntegers { Array($0) } }

    /// The same elements under other sizes.
    ///
    /// - Parameter shape: sizes with the same product.
    /// - Returns: a tensor that shares storage with this one.
    public func reshaped(_ shape: [Int]) -> Tensor {
        precondition(
            shape.reduce(1, *) == count,
            "Tensor: cannot reshape \(self.shape) to \(shape)."
        )
        return Tensor(shape: shape, dtype: dtype, storage: storage)
    }

    private init(shape: [Int], dtype: DType, storage: TensorStorage) {
        self.shape = shape
        self.dtype = dtype
        self.storage = storage
    }
}

extension Tensor: Equatable {
    /// Whether shapes, types and all bits of the elements agree; NaN equals NaN of the same bits.
    public static func == (left: Tensor, right: Tensor) -> Bool {
        guard left.shape == right.shape, left.dtype == right.dtype else { return false }
        return left.withBytes { leftBytes in
            right.withBytes { rightBytes in leftBytes.elementsEqual(rightBytes) }
        }
    }
}
