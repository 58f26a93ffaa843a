import COneDNN
import MotetGraph

/// One matrix product: sizes, strides, and what happens to the result.
struct MatMulShape: Hashable {
    var rows: Int
    var columns: Int
    var inner: Int
    var leftStride: Int
    var rightStride: Int
    var resultStride: Int
    var transposeLeft = false
    var transposeRight = false
    var hasBias = false
    var accumulates = false
    var activation: ActivationKind?

    /// The shape as it stands in the record of choices.
    var key: String {
        var parts = "\(rows)x\(inner)x\(columns)"
        parts += " ld \(leftStride),\(rightStride),\(resultStride)"
        parts += " \(transposeLeft ? "t" : "n")\(transposeRight ? "t" : "n")"
        if hasBias { parts += " bias" }
        if accumulates { parts += " accumulate" }
        if let activation { parts += " activation \(activation.code.kind)" }
        return parts
    }

    func description(packed: Bool = false) -> motet_matmul_shape {
        let activation = activation?.code ?? (0, 0)
        return motet_matmul_shape(
            m: Int64(rows),
            n: Int64(columns),
            k: Int64(inner),
            lda: Int64(leftStride),
            ldb: Int64(rightStride),
            ldc: Int64(resultStride),
            transpose_a: transposeLeft ? 1 : 0,
            transpose_b: transposeRight ? 1 : 0,
            has_bias: hasBias ? 1 : 0,
            accumulates: accumulates ? 1 : 0,
            activation: activation.0,
            slope: activation.1,
            packs_b: packed ? 1 : 0
        )
    }
}
