import MotetCore
import MotetGraph

/// A product whose sizes may vary up to those it was compiled for: a chosen kernel at the full size,
/// `dnnl_sgemm` at any other.
final class MatMulInstruction: Instruction {
    private let full: MatMulShape
    private let kernel: MatMulKernel
    private let variable: (rows: Dimension, inner: Dimension)
    private var current: MatMulShape
    private let left: Value
    private let right: Value
    private let bias: Value?
    private let result: Value

    init(_ operation: MatMul, _ node: Graph.Node, _ context: LoweringContext) {
        left = node.inputs[0]
        right = node.inputs[1]
        bias = node.inputs.count > 2 ? node.inputs[2] : nil
        result = node.outputs[0]
        let shape = context.shape(left)
        variable =
            operation.transposeLeft ? (shape[1], shape[0]) : (shape[0], shape[1])
        full = MatMulShape(
            rows: variable.rows.resolved(context.capacity) ?? 0,
            columns: context.width(result),
            inner: variable.inner.resolved(context.capacity) ?? 0,
            leftStride: context.stride(left),
            rightStride: context.stride(right),
            resultStride: context.stride(result),
            transposeLeft: operation.transposeLeft,
            transposeRight: operation.transposeRight,
            hasBias: bias != nil,
            activation: operation.activation
        )
        current = full
        kernel = context.kernels.kernel(full)
        super.init(node)
    }

    override func resize(_ sizes: [SizeSymbol: Int]) {
        current.rows = variable.rows.resolved(sizes) ?? 0
        current.inner = variable.inner.resolved(sizes) ?? 0
    }

    override func run(_ memory: Memory) {
        let bias = bias.map { UnsafePointer(memory.floats($0)) }
        if current == full {
            kernel.run(memory.floats(left), memory.floats(right), bias, memory.floats(result))
        } else {
            GeneralMatMul.run(
                current,
                memory.floats(left),
                memory.floats(right),
                bias,
                memory.floats(result)
            )
        }
    }
}
