import CKernels
import COneDNN
import MotetCore
import MotetGraph

/// The softmax over the items of a batch, and its gradient: tiles of products by oneDNN inside one
/// parallel loop over blocks of rows.
enum InBatchSoftmaxLowering {
    static func loss(
        _ operation: InBatchSoftmax,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let empty = job(operation.scale, operation.masksRepeats, inputs[0], context)
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            var job = filled(empty, inputs, memory, rows: sizes[0])
            motet_in_batch_softmax(
                &job,
                memory.floats(outputs[0]),
                memory.floats(outputs[1]),
                memory.floats(outputs[2])
            )
        }
    }

    static func gradient(
        _ operation: InBatchSoftmaxGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let empty = job(operation.scale, operation.masksRepeats, inputs[0], context)
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            var job = filled(empty, inputs, memory, rows: sizes[0])
            motet_in_batch_softmax_gradient(
                &job,
                memory.floats(inputs[5]),
                memory.floats(inputs[6]),
                memory.floats(inputs[7]),
                memory.floats(outputs[0]),
                memory.floats(outputs[1])
            )
        }
    }

    private static func job(
        _ scale: Float,
        _ masksRepeats: Bool,
        _ users: Value,
        _ context: LoweringContext
    ) -> motet_in_batch_softmax_job {
        var job = motet_in_batch_softmax_job()
        job.product = motet_strided_product
        job.width = Int64(context.width(users))
        job.scale = scale
        job.masks_repeats = masksRepeats ? 1 : 0
        return job
    }

    private static func filled(
        _ empty: motet_in_batch_softmax_job,
        _ inputs: [Value],
        _ memory: Memory,
        rows: Int
    ) -> motet_in_batch_softmax_job {
        var job = empty
        job.rows = Int64(rows)
        job.users = UnsafePointer(memory.floats(inputs[0]))
        job.items = UnsafePointer(memory.floats(inputs[1]))
        job.ids = UnsafePointer(memory.integers(inputs[2]))
        job.log_probabilities = UnsafePointer(memory.floats(inputs[3]))
        job.weights = UnsafePointer(memory.floats(inputs[4]))
        return job
    }
}
