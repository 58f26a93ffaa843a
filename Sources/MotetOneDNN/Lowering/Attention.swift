import CKernels
import COneDNN
import MotetCore
import MotetGraph

/// Attention and its gradient: small products by oneDNN inside one parallel loop over rows and heads.
///
/// Also rows at length 1, in which encoders end.
enum AttentionLowering {
    static func attention(
        _ operation: Attention,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, output) = (node.inputs, node.outputs[0])
        let mask = inputs.count == 4 ? inputs[3] : nil
        let kept = operation.keepsProbabilities ? node.outputs[1] : nil
        var shape = shape(inputs[0], inputs[1], inputs[2], heads: operation.heads, context)
        shape.out_stride = Int64(context.stride(output))
        shape.is_causal = operation.isCausal ? 1 : 0
        let full = shape
        return KernelInstruction(node, [context.shape(inputs[0])[0]]) { memory, sizes in
            var shape = full
            shape.rows = Int64(sizes[0])
            motet_attention(
                &shape,
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                mask.map { UnsafePointer(memory.floats($0)) },
                memory.floats(output),
                kept.map { memory.floats($0) }
            )
        }
    }

    static func gradient(
        _ operation: AttentionGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let full = shape(inputs[1], inputs[2], inputs[3], heads: operation.heads, context)
        let stride = Int64(context.stride(inputs[0]))
        return KernelInstruction(node, [context.shape(inputs[0])[0]]) { memory, sizes in
            var shape = full
            shape.rows = Int64(sizes[0])
            motet_attention_gradient(
                &shape,
                stride,
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(inputs[3]),
                memory.floats(inputs[4]),
                memory.floats(outputs[0]),
                memory.floats(outputs[1]),
                memory.floats(outputs[2])
            )
        }
    }

    static func lists(
        _ operation: ListAttention,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, output) = (node.inputs, node.outputs[0])
        var shape = shape(inputs[0], inputs[1], inputs[2], heads: operation.heads, context)
        shape.out_stride = Int64(context.stride(output))
        let full = shape
        return KernelInstruction(node, [context.shape(inputs[3])[0]]) { memory, sizes in
            var shape = full
            shape.rows = Int64(sizes[0] - 1)
            motet_list_attention(
                &shape,
                memory.integers(inputs[3]),
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(output)
            )
        }
    }

    static func unitLength(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (input, outputs) = (node.inputs[0], node.outputs)
        let width = Int64(context.width(input))
        return KernelInstruction(node, [context.rows(input)]) { memory, sizes in
            motet_unit_length(
                memory.floats(input),
                memory.floats(outputs[0]),
                memory.floats(outputs[1]),
                Int64(sizes[0]),
                width
            )
        }
    }

    static func unitLengthGradient(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (inputs, output) = (node.inputs, node.outputs[0])
        let width = Int64(context.width(output))
        return KernelInstruction(node, [context.rows(output)]) { memory, sizes in
            motet_unit_length_gradient(
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(output),
                Int64(sizes[0]),
                width
            )
        }
    }

    private static func shape(
        _ queries: Value,
        _ keys: Value,
        _ values: Value,
        heads: Int,
        _ context: LoweringContext
    ) -> motet_attention_shape {
        var shape = motet_attention_shape()
        shape.product = motet_strided_product
        shape.heads = Int64(heads)
        shape.width = Int64(context.width(queries) / heads)
        // Lists bring their own lengths.
        let isEven = context.shape(queries).rank == 3
        shape.query_count = isEven ? Int64(context.shape(queries)[1].fixedSize ?? 0) : 0
        shape.key_count = isEven ? Int64(context.shape(keys)[1].fixedSize ?? 0) : 0
        shape.query_stride = Int64(context.stride(queries))
        shape.key_stride = Int64(context.stride(keys))
        shape.value_stride = Int64(context.stride(values))
        return shape
    }
}
