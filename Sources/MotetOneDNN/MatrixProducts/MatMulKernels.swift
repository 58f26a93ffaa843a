import MotetGraph

/// The kernels of one program: products of equal shape share a primitive.
final class MatMulKernels {
    private let choices: KernelChoices
    private var made: [MatMulShape: MatMulKernel] = [:]

    init(_ choices: KernelChoices) { self.choices = choices }

    /// The kernel for a shape.
    func kernel(_ shape: MatMulShape) -> MatMulKernel {
        if let known = made[shape] { return known }
        let kernel = choose(shape)
        made[shape] = kernel
        return kernel
    }

    private func choose(_ shape: MatMulShape) -> MatMulKernel {
        let general = GeneralMatMul(shape)
        guard shape.rows > 0, shape.columns > 0, shape.inner > 0 else { return general }
        var candidates: [MatMulKernel] = []
        if let plain = PrimitiveMatMul(shape, packed: false) { candidates.append(plain) }
        if let packed = PrimitiveMatMul(shape, packed: true) { candidates.append(packed) }
        candidates.append(general)
        return choices.kernel(for: shape, among: candidates) ?? general
    }
}
