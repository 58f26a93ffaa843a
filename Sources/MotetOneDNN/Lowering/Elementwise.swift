import CKernels
import MotetCore
import MotetGraph

/// Activations, arithmetic with broadcasting, scaling and sums.
enum ElementwiseLowering {
    static func activation(
        _ operation: Activation,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        let code = operation.kind.code
        return KernelInstruction(node, [context.count(result)]) { memory, sizes in
            motet_activation(
                code.kind,
                code.slope,
                memory.floats(input),
                memory.floats(result),
                Int64(sizes[0])
            )
        }
    }

    static func activationGradient(
        _ operation: ActivationGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (upstream, saved, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let code = operation.kind.code
        return KernelInstruction(node, [context.count(result)]) { memory, sizes in
            motet_activation_gradient(
                code.kind,
                code.slope,
                memory.floats(upstream),
                memory.floats(saved),
                memory.floats(result),
                Int64(sizes[0])
            )
        }
    }

    static func prelu(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (input, slope, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let width = Int64(context.width(input))
        return KernelInstruction(node, [context.rows(input)]) { memory, sizes in
            motet_prelu(
                memory.floats(input),
                memory.floats(slope),
                memory.floats(result),
                Int64(sizes[0]),
                width
            )
        }
    }

    static func preluGradient(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let inputs = node.inputs
        let outputs = node.outputs
        let width = Int64(context.width(inputs[0]))
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            motet_prelu_gradient(
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(outputs[0]),
                memory.floats(outputs[1]),
                Int64(sizes[0]),
                width
            )
        }
    }

    static func scale(
        _ operation: Scale,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        return KernelInstruction(node, [context.count(result)]) { memory, sizes in
            motet_scale(
                memory.floats(input),
                operation.factor,
                memory.floats(result),
                Int64(sizes[0])
            )
        }
    }

    static func exponential(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        return KernelInstruction(node, [context.count(result)]) { memory, sizes in
            motet_exponential(memory.floats(input), memory.floats(result), Int64(sizes[0]))
        }
    }

    static func logarithm(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        return KernelInstruction(node, [context.count(result)]) { memory, sizes in
            motet_logarithm(memory.floats(input), memory.floats(result), Int64(sizes[0]))
        }
    }

    static func clip(
        _ operation: Clip,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        return KernelInstruction(node, [context.count(result)]) { memory, sizes in
            motet_clip(
                memory.floats(input),
                operation.minimum,
                operation.maximum,
                memory.floats(result),
                Int64(sizes[0])
            )
        }
    }

    static func addN(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (inputs, result) = (node.inputs, node.outputs[0])
        let terms = PointerList(inputs.count)
        return KernelInstruction(node, [context.count(result)]) { memory, sizes in
            for (index, input) in inputs.enumerated() {
                terms[index] = UnsafePointer(memory.floats(input))
            }
            motet_add_n(
                terms.pointers,
                Int32(inputs.count),
                memory.floats(result),
                Int64(sizes[0])
            )
        }
    }

    static func average(
        _ operation: ExponentialAverage,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (old, value, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        return KernelInstruction(node, [context.count(result)]) { memory, sizes in
            motet_exponential_average(
                memory.floats(old),
                memory.floats(value),
                operation.momentum,
                memory.floats(result),
                Int64(sizes[0])
            )
        }
    }
}

/// Room for pointers that a kernel takes as an array, allocated once.
final class PointerList {
    let pointers: UnsafeMutablePointer<UnsafePointer<Float>?>

    init(_ count: Int) {
        pointers = .allocate(capacity: max(count, 1))
        pointers.initialize(repeating: nil, count: max(count, 1))
    }

    deinit { pointers.deallocate() }

    subscript(index: Int) -> UnsafePointer<Float>? {
        get { pointers[index] }
        set { pointers[index] = newValue }
    }
}

/// Constant numbers for a kernel; none is a null pointer.
final class FloatList {
    private let buffer: UnsafeMutableBufferPointer<Float>

    init(_ values: [Float]) {
        buffer = .allocate(capacity: values.count)
        _ = buffer.initialize(from: values)
    }

    deinit { buffer.deallocate() }

    var pointer: UnsafePointer<Float>? {
        buffer.isEmpty ? nil : buffer.baseAddress.map { UnsafePointer($0) }
    }
}
