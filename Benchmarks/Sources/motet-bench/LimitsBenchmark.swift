import COneDNN
import Foundation

/// What this machine can do: the rate of oneDNN's products and the speed of its memory.
struct LimitsBenchmark {
    /// Products of the aliccp workloads: rows, inputs, units.
    private static let products: [(rows: Int64, inputs: Int64, units: Int64)] = [
        (2048, 368, 512), (2048, 512, 256), (2048, 256, 128),
    ]

    func run() throws {
        var rates: [String: Double] = [:]
        for product in Self.products {
            let name = "[\(product.rows)x\(product.inputs)x\(product.units)]"
            rates[name] = try gigaFLOPs(product)
        }
        try printResult([
            "system": "machine",
            "processors": ProcessInfo.processInfo.activeProcessorCount,
            "onednn_gflops": rates.mapValues { ($0 * 10).rounded() / 10 },
            "onednn_gflops_best": ((rates.values.max() ?? 0) * 10).rounded() / 10,
            "memory_gigabytes_per_second": (streaming() * 10).rounded() / 10,
        ])
    }

    /// The best rate of a product with bias and ReLU, with weights plain or in oneDNN's own layout.
    private func gigaFLOPs(_ size: (rows: Int64, inputs: Int64, units: Int64)) throws -> Double {
        var best = 0.0
        for packs in [Int32(0), 1] {
            var shape = motet_matmul_shape()
            (shape.m, shape.n, shape.k) = (size.rows, size.units, size.inputs)
            (shape.lda, shape.ldb, shape.ldc) = (size.inputs, size.units, size.units)
            shape.has_bias = 1
            shape.activation = Int32(MOTET_ACTIVATION_RELU.rawValue)
            shape.packs_b = packs
            var primitive: OpaquePointer?
            var message = [CChar](repeating: 0, count: 256)
            guard motet_matmul_create(&shape, &primitive, &message, message.count) == 0,
                let primitive
            else {
                let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                throw BenchmarkError(String(decoding: text, as: UTF8.self))
            }
            defer { motet_matmul_destroy(primitive) }
            let left = AlignedFloats(Int(size.rows * size.inputs))
            let right = AlignedFloats(Int(size.inputs * size.units))
            let bias = AlignedFloats(Int(size.units))
            let result = AlignedFloats(Int(size.rows * size.units))
            let work = 2 * Double(size.rows) * Double(size.inputs) * Double(size.units)
            for _ in 0..<12 {
                let repeats = 20
                let seconds = time {
                    for _ in 0..<repeats {
                        _ = motet_matmul_run(
                            primitive,
                            left.start,
                            right.start,
                            bias.start,
                            result.start
                        )
                    }
                }
                best = max(best, work * Double(repeats) / seconds * 1e-9)
            }
        }
        return best
    }

    /// Bytes read and written by copying on every processor, in GB/s.
    private func streaming() -> Double {
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let bytes = 128 << 20
        let blocks = (0..<threads).map { _ in
            (from: AlignedFloats(bytes / 4), to: AlignedFloats(bytes / 4))
        }
        var best = 0.0
        for _ in 0..<6 {
            let seconds = time {
                DispatchQueue.concurrentPerform(iterations: threads) { index in
                    memcpy(blocks[index].to.start, blocks[index].from.start, bytes)
                }
            }
            best = max(best, 2 * Double(bytes) * Double(threads) / seconds * 1e-9)
        }
        return best
    }

    private func time(_ work: () -> Void) -> Double {
        let clock = ContinuousClock()
        return clock.measure(work).seconds
    }
}

/// Memory for floats, aligned as the engine's is.
///
/// `@unchecked Sendable`: each block is used by one thread at a time, as `concurrentPerform` hands
/// every index to one.
final class AlignedFloats: @unchecked Sendable {
    let start: UnsafeMutablePointer<Float>

    init(_ count: Int) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
        start = memory.bindMemory(to: Float.self, capacity: count)
        for index in 0..<count { (start + index).initialize(to: Float(index % 7) * 0.01) }
    }

    deinit { start.deallocate() }
}
