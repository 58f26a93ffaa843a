import CKernels
import MotetCore
import MotetGraph

/// Weighted sums of experts.
enum MixtureLowering {
    /// The experts of every gate, kept where the kernel can read them.
    private final class Selection {
        let indices: UnsafeMutablePointer<Int32>

        init(_ selections: [[Int]]) {
            let flat = selections.flatMap { $0 }
            indices = .allocate(capacity: max(flat.count, 1))
            indices.initialize(repeating: 0, count: max(flat.count, 1))
            for (position, expert) in flat.enumerated() { indices[position] = Int32(expert) }
        }

        deinit { indices.deallocate() }
    }

    static func mixture(
        _ operation: Mixture,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (gates, experts, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let selection = Selection(operation.selections)
        let tasks = Int64(operation.selections.count)
        let selected = Int64(context.width(gates))
        let width = Int64(context.width(experts))
        return KernelInstruction(node, [context.shape(gates)[1]]) { memory, sizes in
            motet_mixture(
                memory.floats(gates),
                memory.floats(experts),
                memory.floats(result),
                selection.indices,
                tasks,
                selected,
                Int64(sizes[0]),
                width
            )
        }
    }

    static func gradient(
        _ operation: MixtureGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (upstream, gates, experts) = (node.inputs[0], node.inputs[1], node.inputs[2])
        let (gateGradient, expertGradient) = (node.outputs[0], node.outputs[1])
        let selection = Selection(operation.selections)
        let tasks = Int64(operation.selections.count)
        let selected = Int64(context.width(gates))
        let width = Int64(context.width(experts))
        let count = Int64(context.shape(experts)[0].fixedSize ?? 0)
        return KernelInstruction(node, [context.shape(gates)[1]]) { memory, sizes in
            motet_mixture_gradient(
                memory.floats(upstream),
                memory.floats(gates),
                memory.floats(experts),
                memory.floats(gateGradient),
                memory.floats(expertGradient),
                selection.indices,
                tasks,
                selected,
                count,
                Int64(sizes[0]),
                width
            )
        }
    }
}
