import CKernels
import MotetCore
import MotetGraph

/// Losses of boxes and their gradients.
enum BoxLossLowering {
    static func loss(
        _ operation: BoxLoss,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let code = operation.kind.code
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            motet_box_loss(
                code.kind,
                code.delta,
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(outputs[0]),
                memory.floats(outputs[1]),
                Int64(sizes[0])
            )
        }
    }

    static func gradient(
        _ operation: BoxLossGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, result) = (node.inputs, node.outputs[0])
        let code = operation.kind.code
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            motet_box_loss_gradient(
                code.kind,
                code.delta,
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
}

extension BoxLossKind {
    /// The kernel's number of the loss, and its setting.
    fileprivate var code: (kind: Int32, delta: Float) {
        func number(_ kind: motet_box_loss_kind) -> Int32 { Int32(kind.rawValue) }
        return switch self {
        case .huber(let delta): (number(MOTET_BOX_HUBER), delta)
        case .iou: (number(MOTET_BOX_IOU), 0)
        case .giou: (number(MOTET_BOX_GIOU), 0)
        }
    }
}
