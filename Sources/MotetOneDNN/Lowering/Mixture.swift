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

    /// The gates that select each expert, as the gradient's kernel reads them.
    private final class Users {
        let users: UnsafeMutablePointer<motet_mixture_users>
        private let starts: UnsafeMutablePointer<Int32>
        private let pairs: UnsafeMutablePointer<Int32>

        init(_ selections: [[Int]], experts: Int) {
            starts = .allocate(capacity: experts + 1)
            starts.initialize(repeating: 0, count: experts + 1)
            let count = selections.reduce(0) { $0 + $1.count }
            pairs = .allocate(capacity: max(2 * count, 1))
            pairs.initialize(repeating: 0, count: max(2 * count, 1))
            var next = 0
            for expert in 0..<experts {
                for (gate, selection) in selections.enumerated() {
                    for (place, selected) in selection.enumerated() where selected == expert {
                        pairs[2 * next] = Int32(gate)
                        pairs[2 * next + 1] = Int32(place)
                        next += 1
                    }
                }
                starts[expert + 1] = Int32(next)
            }
            users = .allocate(capacity: 1)
            users.initialize(
                to: motet_mixture_users(starts: starts, pairs: pairs, experts: Int64(experts))
            )
        }

        deinit {
            starts.deallocate()
            pairs.deallocate()
            users.deallocate()
        }
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
        let count = context.shape(experts)[0].fixedSize ?? 0
        let users = Users(operation.selections, experts: count)
        let selected = Int64(context.width(gates))
        let width = Int64(context.width(experts))
        let activation = operation.activation?.code ?? (0, 0)
        return KernelInstruction(node, [context.shape(gates)[1]]) { memory, sizes in
            motet_mixture_gradient(
                activation.0,
                activation.1,
                memory.floats(upstream),
                memory.floats(gates),
                memory.floats(experts),
                memory.floats(gateGradient),
                memory.floats(expertGradient),
                users.users,
                selected,
                Int64(sizes[0]),
                width
            )
        }
    }
}
