import CKernels
import MotetCore
import MotetGraph

/// Pooling over the steps of sequences that a mask keeps.
enum MaskedPoolingLowering {
    static func mean(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (input, mask, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let (rows, steps, channels) = sizes(input, context)
        return KernelInstruction(node, [rows]) { memory, sizes in
            motet_masked_mean(
                memory.floats(input),
                memory.floats(mask),
                memory.floats(result),
                Int64(sizes[0]),
                steps,
                channels
            )
        }
    }

    static func meanGradient(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (upstream, mask, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let (rows, steps, channels) = sizes(result, context)
        return KernelInstruction(node, [rows]) { memory, sizes in
            motet_masked_mean_gradient(
                memory.floats(upstream),
                memory.floats(mask),
                memory.floats(result),
                Int64(sizes[0]),
                steps,
                channels
            )
        }
    }

    static func max(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let (rows, steps, channels) = sizes(inputs[0], context)
        return KernelInstruction(node, [rows]) { memory, sizes in
            motet_masked_max(
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(outputs[0]),
                memory.integers(outputs[1]),
                Int64(sizes[0]),
                steps,
                channels
            )
        }
    }

    static func maxGradient(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (upstream, place, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let (rows, steps, channels) = sizes(result, context)
        return KernelInstruction(node, [rows]) { memory, sizes in
            motet_masked_max_gradient(
                memory.floats(upstream),
                memory.integers(place),
                memory.floats(result),
                Int64(sizes[0]),
                steps,
                channels
            )
        }
    }

    private static func sizes(
        _ sequence: Value,
        _ context: LoweringContext
    ) -> (rows: Dimension, steps: Int64, channels: Int64) {
        let shape = context.shape(sequence)
        return (shape[0], Int64(shape[1].fixedSize ?? 0), Int64(shape[2].fixedSize ?? 0))
    }
}
