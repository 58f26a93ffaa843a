import MotetCore
import MotetGraph

/// One product for each slice of a stack of weights, all of one shape and so of one kernel.
final class StackedMatMulInstruction: Instruction {
    private struct Slice {
        let source: Int
        let target: Int
        let accumulates: Bool
    }

    private let slices: [Slice]
    private let rows: Dimension
    private let capacityRows: Int
    private let writing: (full: MatMulShape, kernel: MatMulKernel)
    private let adding: (full: MatMulShape, kernel: MatMulKernel)?
    private var currentRows = 0
    private let input: Value
    private let weight: Value
    private let bias: Value?
    private let result: Value
    private let weightCount: Int

    init(_ operation: StackedMatMul, _ node: Graph.Node, _ context: LoweringContext) {
        input = node.inputs[0]
        weight = node.inputs[1]
        bias = node.inputs.count > 2 ? node.inputs[2] : nil
        result = node.outputs[0]
        let shape = context.shape(input)
        rows = shape[shape.rank - 2]
        capacityRows = rows.resolved(context.capacity) ?? 0
        let stack = context.shape(node.inputs[1])
        weightCount = (stack[1].fixedSize ?? 0) * (stack[2].fixedSize ?? 0)
        var written = Set<Int>()
        var planned: [Slice] = []
        for (source, target) in zip(operation.sources, operation.targets) {
            let place = operation.sumsSlices ? 0 : target
            planned.append(
                Slice(
                    source: shape.rank == 2 ? 0 : source,
                    target: place,
                    accumulates: !written.insert(place).inserted
                )
            )
        }
        slices = planned
        var full = MatMulShape(
            rows: capacityRows,
            columns: context.width(result),
            inner: context.width(input),
            leftStride: context.stride(input),
            rightStride: context.width(weight),
            resultStride: context.stride(result),
            transposeRight: operation.transposeWeight,
            hasBias: bias != nil,
            activation: operation.activation
        )
        writing = (full, context.kernels.kernel(full))
        full.accumulates = true
        adding =
            slices.contains(where: \.accumulates) ? (full, context.kernels.kernel(full)) : nil
        super.init(node)
    }

    override func resize(_ sizes: [SizeSymbol: Int]) {
        currentRows = rows.resolved(sizes) ?? 0
    }

    override func run(_ memory: Memory) {
        let (columns, inner) = (writing.full.columns, writing.full.inner)
        for (index, slice) in slices.enumerated() {
            let left = memory.floats(input) + slice.source * currentRows * inner
            let right = memory.floats(weight) + index * weightCount
            let bias = bias.map { UnsafePointer(memory.floats($0) + index * columns) }
            let target = memory.floats(result) + slice.target * currentRows * columns
            let way = slice.accumulates ? adding ?? writing : writing
            if currentRows == capacityRows {
                way.kernel.run(left, right, bias, target)
            } else {
                var shape = way.full
                shape.rows = currentRows
                GeneralMatMul.run(shape, left, right, bias, target)
            }
        }
    }
}

/// The gradient of a stack of weights: one product over the rows for each slice.
final class StackedWeightGradientInstruction: Instruction {
    private let operation: StackedMatMulWeightGradient
    private let rows: Dimension
    private let full: MatMulShape
    private let kernel: MatMulKernel
    private var currentRows = 0
    private let isStacked: (input: Bool, upstream: Bool)

    init(_ operation: StackedMatMulWeightGradient, _ node: Graph.Node, _ context: LoweringContext) {
        self.operation = operation
        let (input, upstream) = (node.inputs[0], node.inputs[1])
        let shape = context.shape(input)
        rows = shape[shape.rank - 2]
        isStacked = (shape.rank == 3, context.shape(upstream).rank == 3)
        full = MatMulShape(
            rows: context.width(input),
            columns: context.width(upstream),
            inner: rows.resolved(context.capacity) ?? 0,
            leftStride: context.stride(input),
            rightStride: context.stride(upstream),
            resultStride: context.width(upstream),
            transposeLeft: true
        )
        kernel = context.kernels.kernel(full)
        super.init(node)
    }

    override func resize(_ sizes: [SizeSymbol: Int]) {
        currentRows = rows.resolved(sizes) ?? 0
    }

    override func run(_ memory: Memory) {
        let input = memory.floats(node.inputs[0])
        let upstream = memory.floats(node.inputs[1])
        let result = memory.floats(node.outputs[0])
        for index in operation.sources.indices {
            let source = isStacked.input ? operation.sources[index] : 0
            let target = isStacked.upstream ? operation.targets[index] : 0
            let left = input + source * currentRows * full.rows
            let right = upstream + target * currentRows * full.columns
            let slice = result + index * full.rows * full.columns
            if currentRows == full.inner {
                kernel.run(left, right, nil, slice)
            } else {
                var shape = full
                shape.inner = currentRows
                GeneralMatMul.run(shape, left, right, nil, slice)
            }
        }
    }
}
