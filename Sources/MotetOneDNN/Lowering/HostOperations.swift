import MotetCore
import MotetGraph

/// The rule for operations that are Swift code of their own.
struct HostLowering: LoweringRule {
    func lowers(_ operation: any Operation) -> Bool { operation is any HostOperation }

    func lower(_ node: Graph.Node, _ context: LoweringContext) throws -> Instruction {
        guard let operation = node.operation as? any HostOperation else {
            throw GraphError(.invalidGraph, "oneDNN: \(type(of: node.operation).name) has no rule.")
        }
        return try HostInstruction(operation, node, context.graph)
    }
}

/// Hands copies of the inputs to the operation, and copies its results.
///
/// It allocates, unlike other instructions: its values are a few numbers.
private final class HostInstruction: Instruction {
    private let operation: any HostOperation
    private let inputs: [(value: Value, shape: [Int], dtype: DType)]

    init(_ operation: any HostOperation, _ node: Graph.Node, _ graph: Graph) throws {
        self.operation = operation
        inputs = try node.inputs.map { value in
            let type = graph.type(of: value)
            guard let shape = type.shape.fixedSizes else {
                throw GraphError(
                    .shapeMismatch,
                    "\(Swift.type(of: operation).name): an input has no constant size; expected one; received \(type)."
                )
            }
            return (value, shape, type.dtype)
        }
        super.init(node)
    }

    override func run(_ memory: Memory) {
        let tensors = inputs.map { input in
            var tensor = Tensor(zeros: input.shape, dtype: input.dtype)
            tensor.withMutableBytes {
                $0.copyMemory(
                    from: UnsafeRawBufferPointer(
                        start: memory.pointers[input.value.id],
                        count: $0.count
                    )
                )
            }
            return tensor
        }
        for (value, result) in zip(node.outputs, operation.evaluate(tensors)) {
            result.withBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                memory.pointers[value.id].copyMemory(from: start, byteCount: bytes.count)
            }
        }
    }
}
