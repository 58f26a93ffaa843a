import CKernels
public import MotetCore
public import MotetGraph
import Synchronization

/// The weights of models that only answer, laid out once for all programs that multiply by them.
///
/// `@unchecked Sendable`: `packed` is touched under `lock` only, and a laid-out matrix is never written again.
public final class FrozenWeights: @unchecked Sendable {
    /// The numbers that are multiplied.
    ///
    /// Products with fewer than 32 columns, such as gates and logits, and those of one row stay in float32: they
    /// cost little, and their rounding weighs most.
    public let precision: ProductPrecision
    private let lock = Mutex<Void>(())
    private var packed: [Key: PackedMatrix] = [:]

    private struct Key: Hashable {
        let matrix: UnsafePointer<Float>
        let sizes: [Int]
        let precision: ProductPrecision
    }

    /// Creates an empty record.
    ///
    /// - Parameter precision: the numbers that are multiplied.
    /// - Throws: `GraphError` with the code `precision_unsupported` where the processor cannot multiply them.
    public init(precision: ProductPrecision = .float32) throws(GraphError) {
        guard precision == .float32 || Self.isSupported(precision) else {
            throw GraphError(
                .precisionUnsupported,
                "precision \"\(precision.rawValue)\": this processor does not multiply bfloat16; expected AVX-512 "
                    + "with the extension BF16. Use \"\(ProductPrecision.float32.rawValue)\"."
            )
        }
        self.precision = precision
    }

    /// Whether the processor multiplies numbers of a precision.
    public static func isSupported(_ precision: ProductPrecision) -> Bool {
        precision == .float32 || motet_has_bfloat16_products() != 0
    }

    /// The bytes of all laid-out weights.
    public var byteCount: Int {
        lock.withLock { _ in packed.values.reduce(0) { $0 + $1.byteCount } }
    }

    /// The laid-out form of a matrix of a state.
    ///
    /// - Parameters:
    ///   - weight: the state, `[I, U]` or a stack `[E, I, U]`, or a part of a stack.
    ///   - slice: which matrix of the stack; 0 for one alone.
    ///   - rows: how many rows are multiplied; nil where their number varies.
    ///   - context: the program.
    /// - Returns: the matrix; nil where the value is no state, or the inner axis is too long.
    func matrix(
        _ weight: Value,
        slice: Int,
        rows: Int?,
        _ context: LoweringContext
    ) -> PackedMatrix? {
        guard let memory = context.weight(weight) else { return nil }
        let shape = context.shape(weight).dimensions.suffix(2).compactMap(\.fixedSize)
        // The rows of a chunk in bfloat16 stand on the stack.
        guard shape.count == 2, (1...8192).contains(shape[0]), shape[1] > 0 else { return nil }
        let isSmall = shape[1] < 32 || rows == 1
        let matrix = memory + slice * shape[0] * shape[1]
        let key = Key(
            matrix: matrix,
            sizes: shape,
            precision: isSmall ? .float32 : precision
        )
        return lock.withLock { _ in
            if let known = packed[key] { return known }
            let made = PackedMatrix(
                matrix,
                inner: shape[0],
                columns: shape[1],
                key.precision,
                owner: context.states
            )
            packed[key] = made
            return made
        }
    }
}

extension LoweringContext {
    /// Where the elements of a state or of adjacent rows of one stand; nil for other values.
    fileprivate func weight(_ value: Value) -> UnsafePointer<Float>? {
        guard let view = plan.views[value.id], view.rowStride == nil,
            let offset = view.offset.fixedSize,
            case .external(let owner) = plan.buffers[view.buffer],
            case .state(let name) = graph.sources[owner.id],
            let memory = states.memory(name)
        else { return nil }
        return UnsafePointer(memory.assumingMemoryBound(to: Float.self) + offset)
    }
}

/// A matrix in panels of 32 columns.
///
/// `@unchecked Sendable`: it is written in `init` only.
final class PackedMatrix: @unchecked Sendable {
    let inner: Int
    let columns: Int
    let precision: ProductPrecision
    let byteCount: Int
    let elements: UnsafeMutableRawPointer
    /// Keeps the state's memory, by whose address the matrix is known.
    private let owner: StateStore

    init(
        _ matrix: UnsafePointer<Float>,
        inner: Int,
        columns: Int,
        _ precision: ProductPrecision,
        owner: StateStore
    ) {
        self.inner = inner
        self.columns = columns
        self.precision = precision
        self.owner = owner
        let isHalf: Int32 = precision == .bfloat16 ? 1 : 0
        byteCount = Int(motet_packed_bytes(Int64(inner), Int64(columns), isHalf))
        elements = .allocate(byteCount: byteCount, alignment: 64)
        motet_pack_columns(
            matrix,
            Int64(columns),
            Int64(inner),
            Int64(columns),
            isHalf,
            elements
        )
    }

    deinit { elements.deallocate() }

    /// A product with it, without the places of its operands.
    func product(
        leftStride: Int,
        resultStride: Int,
        _ activation: ActivationKind?
    ) -> motet_packed_product {
        let activation = activation?.code ?? (0, 0)
        return motet_packed_product(
            rows: 0,
            columns: Int64(columns),
            inner: Int64(inner),
            a: nil,
            a_stride: Int64(leftStride),
            packed: UnsafeRawPointer(elements),
            bias: nil,
            c: nil,
            c_stride: Int64(resultStride),
            bfloat16: precision == .bfloat16 ? 1 : 0,
            activation: activation.0,
            slope: activation.1
        )
    }
}
