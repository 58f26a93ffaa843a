import CKernels
import COneDNN
import MotetGraph

/// A way to compute products of one shape, ready to run.
class MatMulKernel {
    let kind: KernelChoices.Kernel

    init(kind: KernelChoices.Kernel) { self.kind = kind }

    func run(
        _ left: UnsafePointer<Float>,
        _ right: UnsafePointer<Float>,
        _ bias: UnsafePointer<Float>?,
        _ result: UnsafeMutablePointer<Float>
    ) {}

    /// The version of oneDNN that is loaded.
    static var libraryVersion: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
            guard let start = text.baseAddress else { return "" }
            motet_onednn_version(start, text.count)
            return String(cString: start)
        }
    }
}

/// A oneDNN `matmul` primitive.
final class PrimitiveMatMul: MatMulKernel {
    private let primitive: OpaquePointer

    /// Nil when oneDNN has no primitive for the shape.
    init?(_ shape: MatMulShape, packed: Bool) {
        var description = shape.description(packed: packed)
        var made: OpaquePointer?
        var message = [CChar](repeating: 0, count: 256)
        let status = motet_matmul_create(&description, &made, &message, message.count)
        guard status == 0, let made else { return nil }
        primitive = made
        super.init(kind: packed ? .packed : .plain)
    }

    deinit { motet_matmul_destroy(primitive) }

    override func run(
        _ left: UnsafePointer<Float>,
        _ right: UnsafePointer<Float>,
        _ bias: UnsafePointer<Float>?,
        _ result: UnsafeMutablePointer<Float>
    ) {
        let status = motet_matmul_run(primitive, left, right, bias, result)
        precondition(status == 0, "oneDNN: a matrix product that was created could not run.")
    }
}

/// `dnnl_sgemm`, which takes any size at call time.
final class GeneralMatMul: MatMulKernel {
    private let shape: MatMulShape

    init(_ shape: MatMulShape) {
        self.shape = shape
        super.init(kind: .sgemm)
    }

    override func run(
        _ left: UnsafePointer<Float>,
        _ right: UnsafePointer<Float>,
        _ bias: UnsafePointer<Float>?,
        _ result: UnsafeMutablePointer<Float>
    ) {
        GeneralMatMul.run(shape, left, right, bias, result)
    }

    static func run(
        _ shape: MatMulShape,
        _ left: UnsafePointer<Float>,
        _ right: UnsafePointer<Float>,
        _ bias: UnsafePointer<Float>?,
        _ result: UnsafeMutablePointer<Float>
    ) {
        guard shape.rows > 0, shape.columns > 0 else { return }
        if shape.inner == 0 {
            guard !shape.accumulates else { return }
            for row in 0..<shape.rows {
                (result + row * shape.resultStride).update(repeating: 0, count: shape.columns)
            }
        } else {
            var description = shape.description()
            let status = motet_sgemm(&description, left, right, result)
            precondition(status == 0, "oneDNN: a matrix product could not run.")
        }
        if shape.hasBias || shape.activation != nil {
            let activation = shape.activation?.code ?? (0, 0)
            motet_bias_activation(
                activation.0,
                activation.1,
                result,
                Int64(shape.resultStride),
                bias,
                result,
                Int64(shape.resultStride),
                Int64(shape.rows),
                Int64(shape.columns)
            )
        }
    }
}
