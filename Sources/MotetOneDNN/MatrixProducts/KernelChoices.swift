import CKernels
import Dispatch

/// Which kernel computes the matrix products of each shape.
///
/// Several kernels compute one product with different roundings, so the choice is part of what makes a
/// run reproducible: it is either a fixed rule, or measured once and then recorded, so that a rerun or
/// a resumed run replays it.
///
/// `@unchecked Sendable`: `recorded` is read and written under `lock` only.
public final class KernelChoices: @unchecked Sendable {
    /// A way to compute a matrix product.
    public enum Kernel: String, Sendable, Codable, CaseIterable {
        /// A `matmul` primitive on plain row-major matrices.
        case plain
        /// A `matmul` primitive with the right side reordered at each run into oneDNN's own layout.
        case packed
        /// `dnnl_sgemm`, with bias and activation in a loop of their own.
        case sgemm
    }

    private let lock = DispatchSemaphore(value: 1)
    private var recorded: [String: Kernel]
    private let measures: Bool

    /// Creates a record.
    ///
    /// - Parameters:
    ///   - recorded: choices made before, replayed as they are.
    ///   - measures: whether a shape that is not recorded is measured; otherwise a fixed rule decides.
    public init(recorded: [String: Kernel] = [:], measures: Bool) {
        self.recorded = recorded
        self.measures = measures
    }

    /// The choices so far, by shape.
    public var snapshot: [String: Kernel] {
        lock.wait()
        defer { lock.signal() }
        return recorded
    }

    func kernel(for shape: MatMulShape, among candidates: [MatMulKernel]) -> MatMulKernel? {
        let key = "\(shape.key) on \(motet_thread_count()) threads"
        lock.wait()
        let known = recorded[key]
        lock.signal()
        if let known { return candidates.first { $0.kind == known } ?? candidates.first }
        guard measures else {
            let preferred = KernelChoices.fixedRule(shape)
            return candidates.first { $0.kind == preferred } ?? candidates.first
        }
        let fastest = MatMulMeasurement.fastest(of: candidates, shape)
        if let fastest {
            lock.wait()
            recorded[key] = fastest.kind
            lock.signal()
        }
        return fastest
    }

    /// What measuring found over 26 layer shapes of recommenders.
    ///
    /// Twice each way (2 threads, oneDNN 2.6.3): for gradients of weights, whose left side is transposed, `dnnl_sgemm` won 48 of 52,
    /// by up to a third for narrow ones; forward, a primitive on plain layouts is ahead except where
    /// the result has one column; for gradients of inputs the primitive wins where the inner size is
    /// large. Packing won by a few per cent only where it won.
    private static func fixedRule(_ shape: MatMulShape) -> Kernel {
        if shape.transposeLeft || shape.columns == 1 { return .sgemm }
        return shape.transposeRight && shape.inner < 256 ? .sgemm : .plain
    }
}
