import CKernels
import MotetCore
import MotetGraph

/// Products of groups of rows with a weight for each group.
///
/// Group sizes change with every batch, so they
/// run through `dnnl_sgemm`.
enum GroupedLowering {
    static func product(
        _ operation: GroupedMatMul,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, weight, offsets) = (node.inputs[0], node.inputs[1], node.inputs[2])
        let bias = node.inputs.count > 3 ? node.inputs[3] : nil
        let result = node.outputs[0]
        let groups = context.shape(weight)[0].fixedSize ?? 0
        let template = MatMulShape(
            rows: 0,
            columns: context.width(result),
            inner: context.width(input),
            leftStride: context.stride(input),
            rightStride: context.width(weight),
            resultStride: context.stride(result),
            transposeRight: operation.transposeWeight,
            hasBias: bias != nil,
            activation: operation.activation
        )
        let rest = operation.activation?.atZero ?? 0
        return KernelInstruction(node, [context.shape(input)[0]]) { memory, sizes in
            let ends = memory.integers(offsets)
            let target = memory.floats(result)
            for group in 0..<groups {
                let (first, last) = (Int(ends[group]), Int(ends[group + 1]))
                guard last > first else { continue }
                var shape = template
                shape.rows = last - first
                GeneralMatMul.run(
                    shape,
                    memory.floats(input) + first * template.leftStride,
                    memory.floats(weight) + group * template.inner * template.columns,
                    bias.map { UnsafePointer(memory.floats($0) + group * template.columns) },
                    target + first * template.resultStride
                )
            }
            for row in Int(ends[groups])..<max(sizes[0], Int(ends[groups])) {
                (target + row * template.resultStride).update(
                    repeating: rest,
                    count: template.columns
                )
            }
        }
    }

    static func weightGradient(
        _ operation: GroupedMatMulWeightGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, upstream, offsets) = (node.inputs[0], node.inputs[1], node.inputs[2])
        let result = node.outputs[0]
        let template = MatMulShape(
            rows: context.width(input),
            columns: context.width(upstream),
            inner: 0,
            leftStride: context.stride(input),
            rightStride: context.stride(upstream),
            resultStride: context.width(upstream),
            transposeLeft: true
        )
        return KernelInstruction(node, []) { memory, _ in
            let ends = memory.integers(offsets)
            for group in 0..<operation.groups {
                let (first, last) = (Int(ends[group]), Int(ends[group + 1]))
                var shape = template
                shape.inner = max(last - first, 0)
                GeneralMatMul.run(
                    shape,
                    memory.floats(input) + first * template.leftStride,
                    memory.floats(upstream) + first * template.rightStride,
                    nil,
                    memory.floats(result) + group * template.rows * template.columns
                )
            }
        }
    }

    static func addBias(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (input, bias, offsets) = (node.inputs[0], node.inputs[1], node.inputs[2])
        let result = node.outputs[0]
        let groups = context.shape(bias)[0].fixedSize ?? 0
        let width = context.width(input)
        return KernelInstruction(node, [context.shape(input)[0]]) { memory, sizes in
            let ends = memory.integers(offsets)
            let (source, target) = (memory.floats(input), memory.floats(result))
            func add(_ first: Int, _ last: Int, _ bias: UnsafePointer<Float>?) {
                guard last > first else { return }
                motet_bias_activation(
                    0,
                    0,
                    source + first * width,
                    Int64(width),
                    bias,
                    target + first * width,
                    Int64(width),
                    Int64(last - first),
                    Int64(width)
                )
            }
            for group in 0..<groups {
                add(Int(ends[group]), Int(ends[group + 1]), memory.floats(bias) + group * width)
            }
            add(Int(ends[groups]), sizes[0], nil)
        }
    }

    static func sumRows(
        _ operation: GroupedSumRows,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, offsets, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let (width, stride) = (context.width(input), context.stride(input))
        return KernelInstruction(node, []) { memory, _ in
            let ends = memory.integers(offsets)
            for group in 0..<operation.groups {
                let (first, last) = (Int(ends[group]), Int(ends[group + 1]))
                motet_sum_rows(
                    memory.floats(input) + first * stride,
                    Int64(stride),
                    memory.floats(result) + group * width,
                    Int64(max(last - first, 0)),
                    Int64(width)
                )
            }
        }
    }
}

extension ActivationKind {
    /// The function's value at 0, which rows of no group get.
    var atZero: Float {
        switch self {
        case .relu, .leakyReLU, .tanh, .gelu, .swish: 0
        case .sigmoid: 0.5
        case .softplus: 0.693_147_18
        }
    }
}
