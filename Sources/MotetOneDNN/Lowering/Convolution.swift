import COneDNN
import MotetCore
import MotetGraph

/// A convolution or gradient of one: a primitive for each batch size, made before the first run with
/// it.
///
/// Sizes that were not compiled for are those of short last batches; the primitives of a few are kept.
final class ConvolutionInstruction: Instruction {
    private var shape: ConvolutionShape
    private let rows: Dimension
    private let first: Value
    private let second: Value
    private let bias: Value?
    private let result: Value
    private let resultCount: Dimension
    private let scratch: ScratchMemory
    private var cache: SizedCache<ConvolutionKernel>
    private var current: ConvolutionKernel?
    private var currentCount = 0

    private init(
        _ node: Graph.Node,
        _ context: LoweringContext,
        _ operation: Convolution2D,
        _ kind: motet_convolution_kind,
        image: Value,
        weight: Value,
        result: Value
    ) throws(GraphError) {
        first = node.inputs[0]
        second = node.inputs[1]
        bias = node.inputs.count > 2 ? node.inputs[2] : nil
        self.result = node.outputs[0]
        resultCount = context.count(node.outputs[0])
        rows = context.shape(image)[0]
        let capacity = rows.resolved(context.capacity) ?? 0
        func sizes(_ value: Value) -> [Int] {
            context.shape(value).resolved(context.capacity) ?? []
        }
        shape = ConvolutionShape(
            image: sizes(image),
            result: sizes(result),
            kernel: sizes(weight),
            convolution: operation,
            kind: kind,
            hasBias: bias != nil
        )
        scratch = context.scratch
        cache = SizedCache(greatest: capacity)
        super.init(node)
        // Made here, so that what oneDNN refuses is an error of compiling.
        if capacity > 0 { _ = try kernel(capacity) }
    }

    private func kernel(_ size: Int) throws(GraphError) -> ConvolutionKernel {
        try cache.kernel(size) { () throws(GraphError) in
            shape.image[0] = size
            shape.result[0] = size
            let made = try ConvolutionKernel(shape)
            scratch.reserve(made.scratchByteCount)
            return made
        }
    }

    override func resize(_ sizes: [SizeSymbol: Int]) {
        let size = rows.resolved(sizes) ?? 0
        currentCount = resultCount.resolved(sizes) ?? 0
        guard size > 0 else {
            current = nil
            return
        }
        guard current?.rows != size else { return }
        do {
            current = try kernel(size)
        } catch {
            preconditionFailure("oneDNN: a convolution of \(size) rows: \(error)")
        }
    }

    override func run(_ memory: Memory) {
        guard let current else {
            // No rows: a weight's gradient is still a result.
            memory.floats(result).update(repeating: 0, count: currentCount)
            return
        }
        current.run(
            memory.floats(first),
            memory.floats(second),
            bias.map { memory.floats($0) },
            memory.floats(result),
            scratch
        )
    }
}

extension ConvolutionInstruction {
    convenience init(
        _ operation: Convolution2D,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) throws(GraphError) {
        try self.init(
            node,
            context,
            operation,
            MOTET_CONVOLUTION_FORWARD,
            image: node.inputs[0],
            weight: node.inputs[1],
            result: node.outputs[0]
        )
    }

    convenience init(
        _ operation: Convolution2DInputGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) throws(GraphError) {
        try self.init(
            node,
            context,
            operation.convolution,
            MOTET_CONVOLUTION_INPUT_GRADIENT,
            image: node.outputs[0],
            weight: node.inputs[1],
            result: node.inputs[0]
        )
    }

    convenience init(
        _ operation: Convolution2DWeightGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) throws(GraphError) {
        try self.init(
            node,
            context,
            operation.convolution,
            MOTET_CONVOLUTION_WEIGHT_GRADIENT,
            image: node.inputs[0],
            weight: node.outputs[0],
            result: node.inputs[1]
        )
    }
}
