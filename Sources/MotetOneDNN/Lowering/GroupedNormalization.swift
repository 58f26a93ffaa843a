import CKernels
import MotetCore
import MotetGraph

/// Normalisations over the rows of each group.
enum GroupedNormalizationLowering {
    static func forward(
        _ operation: GroupedNormalization,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let groups = context.shape(inputs[1])[0].fixedSize ?? 0
        let width = context.width(inputs[0])
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            let ends = memory.integers(inputs[3])
            let target = memory.floats(outputs[0])
            for group in 0..<groups {
                let (first, last) = (Int(ends[group]), Int(ends[group + 1]))
                let (mean, variance) = (
                    memory.floats(outputs[1]) + group * width,
                    memory.floats(outputs[2]) + group * width
                )
                guard last > first else {
                    mean.update(repeating: 0, count: width)
                    variance.update(repeating: 0, count: width)
                    continue
                }
                motet_batch_normalization(
                    memory.floats(inputs[0]) + first * width,
                    memory.floats(inputs[1]) + group * width,
                    memory.floats(inputs[2]) + group * width,
                    operation.epsilon,
                    target + first * width,
                    mean,
                    variance,
                    Int64(last - first),
                    Int64(width)
                )
            }
            clear(target, from: Int(ends[groups]), to: sizes[0], width)
        }
    }

    static func gradient(
        _ operation: GroupedNormalizationGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let groups = context.shape(inputs[2])[0].fixedSize ?? 0
        let width = context.width(inputs[0])
        return KernelInstruction(node, [context.rows(inputs[0])]) { memory, sizes in
            let ends = memory.integers(inputs[5])
            let target = memory.floats(outputs[0])
            for group in 0..<groups {
                let (first, last) = (Int(ends[group]), Int(ends[group + 1]))
                let (gamma, beta) = (
                    memory.floats(outputs[1]) + group * width,
                    memory.floats(outputs[2]) + group * width
                )
                guard last > first else {
                    gamma.update(repeating: 0, count: width)
                    beta.update(repeating: 0, count: width)
                    continue
                }
                motet_batch_normalization_gradient(
                    memory.floats(inputs[0]) + first * width,
                    memory.floats(inputs[1]) + first * width,
                    memory.floats(inputs[2]) + group * width,
                    memory.floats(inputs[3]) + group * width,
                    memory.floats(inputs[4]) + group * width,
                    operation.epsilon,
                    target + first * width,
                    gamma,
                    beta,
                    Int64(last - first),
                    Int64(width)
                )
            }
            clear(target, from: Int(ends[groups]), to: sizes[0], width)
        }
    }

    /// Zeros for the rows of no group.
    private static func clear(
        _ target: UnsafeMutablePointer<Float>,
        from first: Int,
        to last: Int,
        _ width: Int
    ) {
        guard last > first else { return }
        (target + first * width).update(repeating: 0, count: (last - first) * width)
    }
}
