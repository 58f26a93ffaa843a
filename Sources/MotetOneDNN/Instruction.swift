import MotetCore
import MotetGraph

/// Where the values of a program are during a run: one pointer for each value.
struct Memory {
    let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>

    @inline(__always)
    func floats(_ value: Value) -> UnsafeMutablePointer<Float> {
        pointers[value.id].assumingMemoryBound(to: Float.self)
    }

    @inline(__always)
    func integers(_ value: Value) -> UnsafeMutablePointer<Int32> {
        pointers[value.id].assumingMemoryBound(to: Int32.self)
    }
}

/// A step of a lowered program.
///
/// Running one allocates nothing.
class Instruction {
    /// The node it computes, for messages; the last of several.
    let node: Graph.Node
    /// Which nodes it stands for.
    let nodeCount: Int

    init(_ node: Graph.Node, nodeCount: Int = 1) {
        self.node = node
        self.nodeCount = nodeCount
    }

    /// Adapts to new sizes, before any run with them.
    func resize(_ sizes: [SizeSymbol: Int]) {}

    /// Computes the results of the node.
    func run(_ memory: Memory) {}
}

/// A step that calls one kernel with sizes resolved beforehand.
final class KernelInstruction: Instruction {
    private let dimensions: [Dimension]
    private let sizes: UnsafeMutablePointer<Int>
    private let body: (Memory, UnsafePointer<Int>) -> Void

    /// Creates a step; `body` reads the resolved `dimensions` in their order.
    init(
        _ node: Graph.Node,
        _ dimensions: [Dimension],
        nodeCount: Int = 1,
        body: @escaping (Memory, UnsafePointer<Int>) -> Void
    ) {
        self.dimensions = dimensions
        self.body = body
        sizes = .allocate(capacity: max(dimensions.count, 1))
        sizes.initialize(repeating: 0, count: max(dimensions.count, 1))
        super.init(node, nodeCount: nodeCount)
    }

    deinit { sizes.deallocate() }

    override func resize(_ symbols: [SizeSymbol: Int]) {
        for (index, dimension) in dimensions.enumerated() {
            sizes[index] = dimension.resolved(symbols) ?? 0
        }
    }

    override func run(_ memory: Memory) { body(memory, sizes) }
}
