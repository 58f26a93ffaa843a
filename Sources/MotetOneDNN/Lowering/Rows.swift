import CKernels
import MotetCore
import MotetGraph

/// Operations on the rows of a matrix: biases, sums, softmax, means.
enum RowLowering {
    static func addBias(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (input, bias, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let width = context.width(input)
        let shape = context.shape(input)
        let slices = context.shape(bias).rank == 2 ? shape[0].fixedSize ?? 1 : 1
        return KernelInstruction(node, [context.rows(input)]) { memory, sizes in
            let rows = sizes[0] / slices
            for slice in 0..<slices {
                let start = slice * rows * width
                motet_bias_activation(
                    0,
                    0,
                    memory.floats(input) + start,
                    Int64(width),
                    memory.floats(bias) + slice * width,
                    memory.floats(result) + start,
                    Int64(width),
                    Int64(rows),
                    Int64(width)
                )
            }
        }
    }

    static func sumRows(
        _ operation: SumRows,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        let (width, stride) = (context.width(input), context.stride(input))
        let slices = operation.stacked ? context.shape(input)[0].fixedSize ?? 1 : 1
        return KernelInstruction(node, [context.rows(input)]) { memory, sizes in
            let rows = sizes[0] / slices
            for slice in 0..<slices {
                motet_sum_rows(
                    memory.floats(input) + slice * rows * stride,
                    Int64(stride),
                    memory.floats(result) + slice * width,
                    Int64(rows),
                    Int64(width)
                )
            }
        }
    }

    static func softmax(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        let width = Int64(context.width(input))
        return KernelInstruction(node, [context.rows(input)]) { memory, sizes in
            motet_softmax(memory.floats(input), memory.floats(result), Int64(sizes[0]), width)
        }
    }

    static func softmaxGradient(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (upstream, output, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let width = Int64(context.width(output))
        return KernelInstruction(node, [context.rows(output)]) { memory, sizes in
            motet_softmax_gradient(
                memory.floats(upstream),
                memory.floats(output),
                memory.floats(result),
                Int64(sizes[0]),
                width
            )
        }
    }

    static func mean(
        _ operation: Mean,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        let shape = context.shape(input)
        let outer = Shape(Array(shape.dimensions[..<operation.axis])).elementCount ?? 1
        let inner = Shape(Array(shape.dimensions[(operation.axis + 1)...])).elementCount ?? 1
        let size = Int64(shape[operation.axis].fixedSize ?? 1)
        return KernelInstruction(node, [outer, inner]) { memory, sizes in
            motet_mean_axis(
                memory.floats(input),
                memory.floats(result),
                Int64(sizes[0]),
                size,
                Int64(sizes[1])
            )
        }
    }
}
