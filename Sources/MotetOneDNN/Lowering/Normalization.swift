import CKernels
import MotetCore
import MotetGraph

/// Normalisations and dropout.
enum NormalizationLowering {
    static func batch(
        _ operation: BatchNormalization,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let width = Int64(context.width(inputs[0]))
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            motet_batch_normalization(
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                operation.epsilon,
                memory.floats(outputs[0]),
                memory.floats(outputs[1]),
                memory.floats(outputs[2]),
                Int64(sizes[0]),
                width
            )
        }
    }

    static func batchGradient(
        _ operation: BatchNormalizationGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let width = Int64(context.width(inputs[0]))
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            motet_batch_normalization_gradient(
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(inputs[3]),
                memory.floats(inputs[4]),
                operation.epsilon,
                memory.floats(outputs[0]),
                memory.floats(outputs[1]),
                memory.floats(outputs[2]),
                Int64(sizes[0]),
                width
            )
        }
    }

    static func batchInference(
        _ operation: BatchNormalizationInference,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, result) = (node.inputs, node.outputs[0])
        let width = Int64(context.width(inputs[0]))
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            motet_batch_normalization_inference(
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(inputs[3]),
                memory.floats(inputs[4]),
                operation.epsilon,
                memory.floats(result),
                Int64(sizes[0]),
                width
            )
        }
    }

    static func layer(
        _ operation: LayerNormalization,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let width = Int64(context.width(inputs[0]))
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            motet_layer_normalization(
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                operation.epsilon,
                memory.floats(outputs[0]),
                memory.floats(outputs[1]),
                memory.floats(outputs[2]),
                Int64(sizes[0]),
                width
            )
        }
    }

    static func layerGradient(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let width = Int64(context.width(inputs[0]))
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            motet_layer_normalization_gradient(
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(inputs[3]),
                memory.floats(inputs[4]),
                memory.floats(outputs[0]),
                memory.floats(outputs[1]),
                memory.floats(outputs[2]),
                Int64(sizes[0]),
                width
            )
        }
    }

    static func dropout(
        _ operation: Dropout,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, step, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        return KernelInstruction(node, [context.count(input)]) { memory, sizes in
            let key = operation.key.split(Int(memory.integers(step)[0]))
            motet_dropout(
                memory.floats(input),
                operation.rate,
                key.value,
                memory.floats(result),
                Int64(sizes[0])
            )
        }
    }
}
