import MotetCore

/// Times the kernels of one shape on scratch matrices.
enum MatMulMeasurement {
    static func fastest(of candidates: [MatMulKernel], _ shape: MatMulShape) -> MatMulKernel? {
        let leftRows = shape.transposeLeft ? shape.inner : shape.rows
        let rightRows = shape.transposeRight ? shape.columns : shape.inner
        var left = Tensor(zeros: [leftRows * shape.leftStride])
        var right = Tensor(zeros: [rightRows * shape.rightStride])
        let bias = Tensor(zeros: [shape.columns])
        var result = Tensor(zeros: [shape.rows * shape.resultStride])
        // Zeros would let denormals or early exits flatter a kernel.
        left.withMutableFloats { $0.update(repeating: 0.5) }
        right.withMutableFloats { $0.update(repeating: 0.25) }

        let work = 2.0 * Double(shape.rows) * Double(shape.columns) * Double(shape.inner)
        let rounds = work > 2e8 ? 4 : 12
        var best: (kernel: MatMulKernel, time: Duration)?
        left.withFloats { left in
            right.withFloats { right in
                bias.withFloats { bias in
                    result.withMutableFloats { result in
                        guard let a = left.baseAddress, let b = right.baseAddress,
                            let c = result.baseAddress
                        else { return }
                        for kernel in candidates {
                            let time = shortest(rounds) { kernel.run(a, b, bias.baseAddress, c) }
                            if time < best?.time ?? .seconds(3600) { best = (kernel, time) }
                        }
                    }
                }
            }
        }
        return best?.kernel
    }

    private static func shortest(_ rounds: Int, _ body: () -> Void) -> Duration {
        let clock = ContinuousClock()
        body()
        return (0..<rounds).map { _ in clock.measure(body) }.min() ?? .zero
    }
}
