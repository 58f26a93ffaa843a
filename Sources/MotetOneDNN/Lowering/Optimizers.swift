import CKernels
import MotetCore
import MotetGraph

/// Optimizer steps, and the clipping before them.
enum OptimizerLowering {
    /// Several updates in one parallel loop.
    static func updates(_ nodes: [Graph.Node], _ context: LoweringContext) -> Instruction {
        let jobs = JobList<motet_update>(nodes.count, motet_update())
        let plans = nodes.map { UpdatePlan($0, context) }
        return KernelInstruction(nodes[nodes.count - 1], [], nodeCount: nodes.count) { memory, _ in
            for index in plans.indices { jobs.items[index] = plans[index].job(memory) }
            motet_optimizer_updates(jobs.items, Int64(plans.count))
        }
    }

    static func sumOfSquares(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        let counted = node.inputs.count > 1 ? node.inputs[1] : nil
        let width = counted == nil ? 1 : context.width(input)
        return KernelInstruction(node, [context.count(input)]) { memory, sizes in
            motet_sum_of_squares(
                memory.floats(input),
                Int64(sizes[0] / max(width, 1)),
                counted.map { UnsafePointer(memory.integers($0)) },
                Int64(width),
                memory.floats(result)
            )
        }
    }

    static func clippingFactor(
        _ operation: ClippingFactor,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        return KernelInstruction(node, []) { memory, _ in
            motet_clipping_factor(memory.floats(input), operation.limit, memory.floats(result))
        }
    }
}

/// Where one update finds its operands.
private struct UpdatePlan {
    private let rule: motet_update_rule
    private let inputs: [Value]
    private let slots: Int
    private let isSparse: Bool
    private let rows: Int
    private let width: Int

    init(_ node: Graph.Node, _ context: LoweringContext) {
        inputs = node.inputs
        let shape = context.shape(node.inputs[0])
        if let operation = node.operation as? OptimizerRowUpdate {
            isSparse = true
            rule = operation.rule.code(l2: operation.l2)
            slots = operation.rule.slots.count
        } else {
            let operation = node.operation as? OptimizerUpdate
            isSparse = false
            rule = operation?.rule.code(l2: operation?.l2 ?? 0) ?? motet_update_rule()
            slots = operation?.rule.slots.count ?? 0
        }
        width = shape.rank == 2 ? context.width(node.inputs[0]) : 1
        rows = (shape.fixedCount ?? 0) / max(width, 1)
    }

    func job(_ memory: Memory) -> motet_update {
        let tail = inputs.count - 3
        return motet_update(
            rule: rule,
            parameter: memory.floats(inputs[0]),
            first: slots > 0 ? memory.floats(inputs[1]) : nil,
            second: slots > 1 ? memory.floats(inputs[2]) : nil,
            gradient: memory.floats(inputs[isSparse ? slots + 2 : slots + 1]),
            ids: isSparse ? UnsafePointer(memory.integers(inputs[slots + 1])) : nil,
            count: isSparse ? UnsafePointer(memory.integers(inputs[slots + 3])) : nil,
            rows: Int64(rows),
            width: Int64(width),
            learning_rate: memory.floats(inputs[tail]),
            step: memory.integers(inputs[tail + 1]),
            scale: memory.floats(inputs[tail + 2])
        )
    }
}

extension UpdateRule {
    func code(l2: Float) -> motet_update_rule {
        func rule(
            _ kind: motet_rule,
            momentum: Float = 0,
            beta1: Float = 0,
            beta2: Float = 0,
            epsilon: Float = 0,
            decay: Float = 0
        ) -> motet_update_rule {
            motet_update_rule(
                rule: Int32(kind.rawValue),
                momentum: momentum,
                beta1: beta1,
                beta2: beta2,
                epsilon: epsilon,
                decay: decay,
                l2: l2
            )
        }
        return switch self {
        case .sgd(let momentum, let nesterov):
            momentum == 0
                ? rule(MOTET_RULE_SGD)
                : rule(nesterov ? MOTET_RULE_NESTEROV : MOTET_RULE_MOMENTUM, momentum: momentum)
        case .adagrad(let epsilon): rule(MOTET_RULE_ADAGRAD, epsilon: epsilon)
        case .rowWiseAdagrad(let epsilon): rule(MOTET_RULE_ROW_WISE_ADAGRAD, epsilon: epsilon)
        case .adam(let beta1, let beta2, let epsilon, let decay):
            rule(MOTET_RULE_ADAM, beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay)
        }
    }
}
