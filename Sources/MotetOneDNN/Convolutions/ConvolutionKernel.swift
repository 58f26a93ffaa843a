import COneDNN
import MotetGraph

/// One convolution or gradient of one: sizes, steps, and what happens to the result.
struct ConvolutionShape: Hashable {
    var image: [Int]
    var result: [Int]
    var kernel: [Int]
    var convolution: Convolution2D
    var kind: motet_convolution_kind
    var hasBias = false

    /// How to compute it, the fastest first; the last is one that oneDNN always has.
    ///
    /// Measured with oneDNN 2.6.3 on 2 cores with AVX-512, B 64, kernels of 3x3, in milliseconds, reorders from
    /// and to channels-last included (forward, input gradient, weight gradient):
    ///
    /// | image, channels | plain | blocked | Winograd |
    /// |---|---|---|---|
    /// | 64x64, 1 to 32 | 1.7, 16.5, 2.6 | 2.6, 19.2, 3.9 | 16.5, 15.0, 13.2 |
    /// | 32x32, 32 to 64 | 11.0, 12.1, 13.6 | 13.1, 14.1, 16.7 | 7.8, 10.0, 11.0 |
    /// | 16x16, 64 to 128 | 10.1, 10.5, 10.9 | 10.7, 11.0, 12.1 | 5.1, 5.6, 6.9 |
    /// | 28x28, 16 to 16 | 1.05, 0.96, 0.97 | 1.13, 1.13, 1.19 | 0.86, 0.86, 0.82 |
    /// | 14x14, 24 to 24 | 0.73, 0.71, 0.72 | 1.45, 1.39, 1.11 | 0.77, 0.78, 0.94 |
    /// | 4x4, 128 to 256 | 2.5, 2.1, 2.8 | 2.1, 2.5, 3.3 | 1.8, 1.8, 1.4 |
    ///
    /// Kernels of 1x1, strides of 2 and channels in groups are fastest in the plain layout, or have no other.
    /// The greatest errors of plain and Winograd against each other are 1e-5 of the root mean square of
    /// results, twice what two plain orders of summation differ by.
    var ways: [motet_convolution_way] {
        let one = Size2D(1, 1)
        let isSimple =
            convolution.strides == one && convolution.dilations == one && convolution.groups == 1
        let isWinograd =
            isSimple && kernel[0] == 3 && kernel[1] == 3 && min(image[3], result[3]) >= 16
            && min(result[1], result[2]) >= 4
        return isWinograd
            ? [MOTET_CONVOLUTION_WINOGRAD, MOTET_CONVOLUTION_PLAIN] : [MOTET_CONVOLUTION_PLAIN]
    }

    func description(_ way: motet_convolution_way) -> motet_convolution_shape {
        let activation = convolution.activation?.code ?? (0, 0)
        let (strides, dilations) = (convolution.strides, convolution.dilations)
        let padding = convolution.padding
        return motet_convolution_shape(
            batch: Int64(image[0]),
            input_height: Int64(image[1]),
            input_width: Int64(image[2]),
            input_channels: Int64(image[3]),
            output_height: Int64(result[1]),
            output_width: Int64(result[2]),
            output_channels: Int64(result[3]),
            kernel_height: Int64(kernel[0]),
            kernel_width: Int64(kernel[1]),
            groups: Int64(convolution.groups),
            stride_height: Int64(strides.height),
            stride_width: Int64(strides.width),
            dilation_height: Int64(dilations.height),
            dilation_width: Int64(dilations.width),
            top: Int64(padding.top),
            left: Int64(padding.left),
            bottom: Int64(padding.bottom),
            right: Int64(padding.right),
            kind: Int32(kind.rawValue),
            way: Int32(way.rawValue),
            has_bias: hasBias ? 1 : 0,
            activation: activation.0,
            slope: activation.1
        )
    }
}

/// The primitives of one convolution at one batch size.
final class ConvolutionKernel {
    let rows: Int
    let scratchByteCount: Int
    private let primitive: OpaquePointer

    /// Creates the first of the shape's ways that oneDNN has.
    init(_ shape: ConvolutionShape) throws(GraphError) {
        var message = [CChar](repeating: 0, count: 512)
        for way in shape.ways {
            var description = shape.description(way)
            var made: OpaquePointer?
            let status = motet_convolution_create(&description, &made, &message, message.count)
            guard status == 0, let made else { continue }
            primitive = made
            rows = shape.image[0]
            scratchByteCount = motet_convolution_scratch_bytes(made)
            return
        }
        let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        throw GraphError(.invalidGraph, String(decoding: text, as: UTF8.self))
    }

    deinit { motet_convolution_destroy(primitive) }

    func run(
        _ first: UnsafePointer<Float>,
        _ second: UnsafePointer<Float>,
        _ bias: UnsafeMutablePointer<Float>?,
        _ result: UnsafeMutablePointer<Float>,
        _ scratch: ScratchMemory
    ) {
        let status = motet_convolution_run(
            primitive,
            first,
            second,
            bias,
            result,
            scratch.address
        )
        precondition(status == 0, "oneDNN: a convolution that was created could not run.")
    }
}
