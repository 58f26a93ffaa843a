import MotetCore
import MotetGraph

/// What a lowering rule may ask about the program it is lowered into.
struct LoweringContext {
    let graph: Graph
    let plan: StoragePlan
    let capacity: [SizeSymbol: Int]
    let kernels: MatMulKernels
    let states: StateStore
    /// The weights that never change, where the program only answers.
    let frozen: FrozenWeights?
    /// What kernels that need room of their own use in turn.
    let scratch = ScratchMemory()

    func shape(_ value: Value) -> Shape { graph.type(of: value).shape }

    /// The number of elements of a value.
    func count(_ value: Value) -> Dimension { shape(value).elementCount ?? 0 }

    /// The number of rows: all axes but the last.
    func rows(_ value: Value) -> Dimension { shape(value).droppingLast.elementCount ?? 0 }

    /// The constant size of the last axis.
    func width(_ value: Value) -> Int { shape(value).last.fixedSize ?? 1 }

    /// Elements from one row of a matrix to the next.
    func stride(_ value: Value) -> Int { plan.views[value.id]?.rowStride ?? width(value) }
}

/// How an operation becomes an instruction.
protocol LoweringRule: Sendable {
    /// Whether the rule lowers the operation.
    func lowers(_ operation: any Operation) -> Bool

    /// Lowers one node.
    func lower(_ node: Graph.Node, _ context: LoweringContext) throws -> Instruction
}

/// A rule for the nodes of one operation type.
struct Lowering<Kind: Operation>: LoweringRule {
    let rule: @Sendable (Kind, Graph.Node, LoweringContext) throws -> Instruction

    init(
        _ kind: Kind.Type,
        _ rule: @escaping @Sendable (Kind, Graph.Node, LoweringContext) throws -> Instruction
    ) {
        self.rule = rule
    }

    func lowers(_ operation: any Operation) -> Bool { operation is Kind }

    func lower(_ node: Graph.Node, _ context: LoweringContext) throws -> Instruction {
        guard let operation = node.operation as? Kind else {
            throw GraphError(.invalidGraph, "oneDNN: \(type(of: node.operation).name) has no rule.")
        }
        return try rule(operation, node, context)
    }
}

extension ActivationKind {
    /// COneDNN's number of the function, and the slope of a leaky ReLU.
    var code: (kind: Int32, slope: Float) {
        switch self {
        case .relu: (1, 0)
        case .leakyReLU(let slope): (2, slope)
        case .sigmoid: (3, 0)
        case .tanh: (4, 0)
        case .softplus: (5, 0)
        case .gelu: (6, 0)
        case .swish: (7, 0)
        }
    }
}
