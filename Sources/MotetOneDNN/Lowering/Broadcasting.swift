import CKernels
import MotetCore
import MotetGraph

/// Operations whose operands repeat along some axes.
enum BroadcastingLowering {
    static func arithmetic(
        _ operation: Arithmetic,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) throws -> Instruction {
        let (left, right, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let shape = context.shape(result)
        let axes = try Axes(shape)
        let code: Int32 =
            switch operation.kind {
            case .add: 0
            case .subtract: 1
            case .multiply: 2
            case .divide: 3
            }
        let isSame = context.shape(left) == shape && context.shape(right) == shape
        let first = try Axes(context.shape(left), broadcastTo: shape)
        let second = try Axes(context.shape(right), broadcastTo: shape)
        return KernelInstruction(node, axes.sizes + first.sizes + second.sizes) { memory, sizes in
            var target = FourSizes(sizes)
            var leftStrides = FourSizes(sizes + 4).strides(within: target)
            var rightStrides = FourSizes(sizes + 8).strides(within: target)
            if isSame { FourSizes.flatten(&target, &leftStrides, &rightStrides) }
            withUnsafePointer(to: target.values) { target in
                withUnsafePointer(to: leftStrides.values) { leftStrides in
                    withUnsafePointer(to: rightStrides.values) { rightStrides in
                        motet_arithmetic(
                            code,
                            memory.floats(left),
                            memory.floats(right),
                            memory.floats(result),
                            FourSizes.pointer(target),
                            FourSizes.pointer(leftStrides),
                            FourSizes.pointer(rightStrides)
                        )
                    }
                }
            }
        }
    }

    static func sumToShape(
        _ operation: SumToShape,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) throws -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        let axes = try Axes(context.shape(input))
        let target = try Axes(operation.shape, broadcastTo: context.shape(input))
        let dimensions = axes.sizes + target.sizes + [context.count(result)]
        return KernelInstruction(node, dimensions) { memory, sizes in
            let source = FourSizes(sizes)
            let strides = FourSizes(sizes + 4).strides(within: source)
            withUnsafePointer(to: source.values) { source in
                withUnsafePointer(to: strides.values) { strides in
                    motet_sum_to_shape(
                        memory.floats(input),
                        memory.floats(result),
                        Int64(sizes[8]),
                        FourSizes.pointer(source),
                        FourSizes.pointer(strides)
                    )
                }
            }
        }
    }

    static func broadcast(_ node: Graph.Node, _ context: LoweringContext) throws -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        let axes = try Axes(context.shape(result))
        let source = try Axes(context.shape(input), broadcastTo: context.shape(result))
        return KernelInstruction(node, axes.sizes + source.sizes) { memory, sizes in
            let target = FourSizes(sizes)
            let strides = FourSizes(sizes + 4).strides(within: target)
            gather(memory, input, result, target, strides)
        }
    }

    static func transpose(
        _ operation: Transpose,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) throws -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        let axes = try Axes(context.shape(result))
        let source = try Axes(context.shape(input))
        let permutation = operation.permutation
        let padding = 4 - permutation.count
        return KernelInstruction(node, axes.sizes + source.sizes) { memory, sizes in
            let plain = FourSizes(sizes + 4)
            let strides = plain.strides(within: plain)
            var permuted = strides
            for axis in 0..<permutation.count {
                permuted[padding + axis] = strides.full(padding + permutation[axis], plain)
            }
            gather(memory, input, result, FourSizes(sizes), permuted)
        }
    }

    private static func gather(
        _ memory: Memory,
        _ input: Value,
        _ result: Value,
        _ target: FourSizes,
        _ strides: FourSizes
    ) {
        withUnsafePointer(to: target.values) { target in
            withUnsafePointer(to: strides.values) { strides in
                motet_gather_strided(
                    memory.floats(input),
                    memory.floats(result),
                    FourSizes.pointer(target),
                    FourSizes.pointer(strides)
                )
            }
        }
    }
}

/// The four sizes of a shape, padded with 1 in front.
struct Axes {
    let sizes: [Dimension]

    init(_ shape: Shape, broadcastTo other: Shape? = nil) throws {
        let rank = max(shape.rank, other?.rank ?? 0)
        guard rank <= 4 else {
            throw GraphError(.shapeMismatch, "oneDNN: shapes of more than 4 axes are not lowered.")
        }
        sizes = [Dimension](repeating: 1, count: 4 - shape.rank) + shape.dimensions
    }
}

/// Four sizes or strides on the stack, as the kernels take them.
struct FourSizes {
    var values: (Int64, Int64, Int64, Int64)

    init(_ sizes: UnsafePointer<Int>) {
        values = (Int64(sizes[0]), Int64(sizes[1]), Int64(sizes[2]), Int64(sizes[3]))
    }

    subscript(axis: Int) -> Int64 {
        get {
            switch axis {
            case 0: values.0
            case 1: values.1
            case 2: values.2
            default: values.3
            }
        }
        set {
            switch axis {
            case 0: values.0 = newValue
            case 1: values.1 = newValue
            case 2: values.2 = newValue
            default: values.3 = newValue
            }
        }
    }

    /// The row-major stride of an axis, whether or not it repeats.
    func full(_ axis: Int, _ sizes: FourSizes) -> Int64 {
        var stride: Int64 = 1
        for inner in stride4(after: axis) { stride *= sizes[inner] }
        return stride
    }

    private func stride4(after axis: Int) -> Range<Int> { (axis + 1)..<4 }

    /// Row-major strides of these sizes, 0 along axes that repeat to fill `target`.
    func strides(within target: FourSizes) -> FourSizes {
        var strides = self
        for axis in 0..<4 {
            strides[axis] = self[axis] == 1 && target[axis] != 1 ? 0 : full(axis, self)
        }
        return strides
    }

    /// Turns four adjacent axes of equal operands into one long one.
    static func flatten(
        _ target: inout FourSizes,
        _ left: inout FourSizes,
        _ right: inout FourSizes
    ) {
        let count = target[0] * target[1] * target[2] * target[3]
        let chunk: Int64 = 4096
        guard count % chunk == 0 else {
            target.values = (1, 1, 1, count)
            left.values = (0, 0, 0, 1)
            right.values = (0, 0, 0, 1)
            return
        }
        target.values = (1, 1, count / chunk, chunk)
        left.values = (0, 0, chunk, 1)
        right.values = (0, 0, chunk, 1)
    }

    static func pointer(
        _ values: UnsafePointer<(Int64, Int64, Int64, Int64)>
    ) -> UnsafePointer<Int64> {
        UnsafeRawPointer(values).assumingMemoryBound(to: Int64.self)
    }
}
