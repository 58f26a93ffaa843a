import CKernels
import MotetCore
import MotetGraph

/// Losses, their gradients, and the weights of rows in them.
enum LossLowering {
    static func sampleWeights(
        _ operation: SampleWeights,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, result) = (node.inputs, node.outputs[0])
        let parents = Array(inputs[operation.firstParent...])
        let list = PointerList(parents.count)
        let given = operation.isWeighted ? inputs[1] : nil
        let mask = operation.isMasked ? inputs[operation.maskPosition] : nil
        let isPerElement: Int32 = operation.isPerElement ? 1 : 0
        let labels = inputs[0]
        let shape = context.graph.type(of: labels).shape
        let width = Int64(shape.rank == 2 ? context.width(labels) : 1)
        return KernelInstruction(node, [shape[0]]) { memory, sizes in
            for (index, parent) in parents.enumerated() {
                list[index] = UnsafePointer(memory.floats(parent))
            }
            motet_sample_weights(
                memory.floats(labels),
                given.map { UnsafePointer(memory.floats($0)) },
                mask.map { UnsafePointer(memory.floats($0)) },
                list.pointers,
                Int64(parents.count),
                memory.floats(result),
                Int64(sizes[0]),
                width,
                isPerElement
            )
        }
    }

    static func pointwise(
        _ operation: PointwiseLoss,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let code = operation.kind.code
        return KernelInstruction(node, [context.count(inputs[0])]) { memory, sizes in
            motet_pointwise_loss(
                code.kind,
                code.first,
                code.second,
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(outputs[0]),
                memory.floats(outputs[1]),
                Int64(sizes[0])
            )
        }
    }

    static func pointwiseGradient(
        _ operation: PointwiseLossGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, result) = (node.inputs, node.outputs[0])
        let code = operation.kind.code
        return KernelInstruction(node, [context.count(inputs[0])]) { memory, sizes in
            motet_pointwise_loss_gradient(
                code.kind,
                code.first,
                code.second,
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(inputs[3]),
                memory.floats(inputs[4]),
                memory.floats(result),
                Int64(sizes[0])
            )
        }
    }

    static func categorical(
        _ operation: CategoricalCrossEntropy,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let classes = Int64(context.width(inputs[0]))
        let smoothing = operation.targets.smoothing
        let classWeights = FloatList(operation.targets.classWeights)
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            motet_categorical_loss(
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(outputs[0]),
                memory.floats(outputs[1]),
                Int64(sizes[0]),
                classes,
                smoothing,
                classWeights.pointer
            )
        }
    }

    static func categoricalGradient(
        _ operation: CategoricalCrossEntropyGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, result) = (node.inputs, node.outputs[0])
        let classes = Int64(context.width(inputs[0]))
        let smoothing = operation.targets.smoothing
        let classWeights = FloatList(operation.targets.classWeights)
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            motet_categorical_loss_gradient(
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(inputs[3]),
                memory.floats(inputs[4]),
                memory.floats(result),
                Int64(sizes[0]),
                classes,
                smoothing,
                classWeights.pointer
            )
        }
    }
}

extension PointwiseLossKind {
    /// The kernel's number of the loss and its two settings.
    var code: (kind: Int32, first: Float, second: Float) {
        func number(_ kind: motet_loss) -> Int32 { Int32(kind.rawValue) }
        return switch self {
        case .binaryCrossEntropy: (number(MOTET_LOSS_BINARY_CROSS_ENTROPY), 0, 0)
        case .focal(let gamma, let alpha): (number(MOTET_LOSS_FOCAL), gamma, alpha)
        case .squaredError: (number(MOTET_LOSS_SQUARED_ERROR), 0, 0)
        case .absoluteError: (number(MOTET_LOSS_ABSOLUTE_ERROR), 0, 0)
        case .huber(let delta): (number(MOTET_LOSS_HUBER), delta, 0)
        case .poisson: (number(MOTET_LOSS_POISSON), 0, 0)
        case .fakeNegativeWeighted: (number(MOTET_LOSS_FAKE_NEGATIVE_WEIGHTED), 0, 0)
        case .quantile(let tau): (number(MOTET_LOSS_QUANTILE), tau, 0)
        }
    }
}
