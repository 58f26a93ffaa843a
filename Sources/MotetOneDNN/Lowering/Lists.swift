import CKernels
import MotetCore
import MotetGraph

/// Lists of vectors as sequences of one length.
enum ListLowering {
    static func pad(
        _ operation: PadLists,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (rows, offsets) = (node.inputs[0], node.inputs[1])
        let (result, mask) = (node.outputs[0], node.outputs[1])
        let width = Int64(context.width(rows))
        let (length, shift) = (Int64(operation.length), Int64(operation.shift))
        return KernelInstruction(node, [context.rows(mask), context.rows(rows)]) { memory, sizes in
            motet_pad_lists(
                memory.floats(rows),
                memory.integers(offsets),
                Int64(sizes[0]),
                Int64(sizes[1]),
                width,
                length,
                shift,
                memory.floats(result),
                memory.floats(mask)
            )
        }
    }

    static func gradient(
        _ operation: PadListsGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (upstream, offsets, result) = (node.inputs[0], node.inputs[2], node.outputs[0])
        let width = Int64(context.width(result))
        let (length, shift) = (Int64(operation.length), Int64(operation.shift))
        let lists = context.shape(upstream)[0]
        return KernelInstruction(node, [lists, context.rows(result)]) { memory, sizes in
            motet_pad_lists_gradient(
                memory.floats(upstream),
                memory.integers(offsets),
                Int64(sizes[0]),
                Int64(sizes[1]),
                width,
                length,
                shift,
                memory.floats(result)
            )
        }
    }
}
