public import MotetGraph
import MotetCore

extension TaskDifferentiation {
    /// The products of the tasks' gradients of one shared parameter, or of one slice of a stack of them.
    public struct Block {
        /// The position of the parameter among the targets.
        public let target: Int
        /// The slice of a stack of experts, towers or gates; nil for a parameter that is no stack.
        public let slice: Int?
        /// The products.
        public let products: Products
    }

    /// Appends the products of the tasks' gradients, each task's as if it were alone, parameter by parameter.
    ///
    /// For a look at a program: no factor is made, and nothing is combined. Parameters that are not compared, and
    /// parameters and slices that one task alone depends on, have no block.
    ///
    /// - Parameter graph: the program the differentiation was made for, compared at parameters.
    /// - Returns: the blocks in the order of the targets.
    /// - Throws: `GraphError` when an operation on the way has no gradient.
    public mutating func appendBlocks(
        to graph: inout GraphBuilder
    ) throws(GraphError) -> [Block] {
        precondition(place == .parameters, "blocks are parameters: compare at parameters")
        let outerScope = graph.scope
        defer { graph.scope = outerScope }
        let one = graph.constant(Tensor([Float(1)], shape: []))
        for loss in losses { raw[loss, default: []].append(.dense(one)) }
        for index in regions.nodes.indices.reversed()
        where regions.isOwn[index] && !lateNodes.contains(index) {
            try differentiateOwn(index, in: &graph)
        }
        let copies = try gradientsOfTasks(in: &graph)
        graph.scope = "diagnostics"
        var blocks: [Block] = []
        for (position, target) in targets.enumerated() where target.isCompared {
            let owners = regions.owners(of: target.value)
            guard !owners.isOwn else { continue }
            var values: [Value] = []
            var tasks: [Int] = []
            for (task, copy) in copies.enumerated() {
                guard case .dense(let value)? = copy[position] else { continue }
                values.append(value)
                tasks.append(task)
            }
            guard !values.isEmpty else { continue }
            for slice in slices(of: target.value, owners, in: graph) {
                let rule = InnerProducts(
                    included: slice.map { chosen in
                        owners.expanded(count(of: target.value, in: graph)).indices.map {
                            $0 == chosen
                        }
                    }
                )
                let made = try graph.add(rule, values)[0]
                blocks.append(
                    Block(
                        target: position,
                        slice: slice,
                        products: Products(value: made, tasks: tasks)
                    )
                )
            }
        }
        return blocks
    }

    /// The shared slices of a stack; one nil for what is no stack.
    private func slices(of value: Value, _ owners: TaskOwners, in graph: GraphBuilder) -> [Int?] {
        let count = count(of: value, in: graph)
        guard count > 1, isStack(value) || owners.slices.count > 1 else { return [nil] }
        return owners.expanded(count).enumerated().filter(\.element.isShared).map(\.offset)
    }

    private func count(of value: Value, in graph: GraphBuilder) -> Int {
        let shape = graph.shape(of: value)
        return shape.rank > 0 ? shape[0].fixedSize ?? 1 : 1
    }

    /// Whether each slice of a parameter is a layer's of its own: the weight of a stacked product, or its bias.
    private func isStack(_ value: Value) -> Bool {
        for node in regions.nodes where node.inputs.dropFirst().first == value {
            if let product = node.operation as? StackedMatMul, OwnershipRules.isDirect(product) {
                return true
            }
            if node.operation is AddBias, let producer = regions.producer(of: node.inputs[0]),
                let product = producer.operation as? StackedMatMul,
                OwnershipRules.isDirect(product)
            {
                return true
            }
        }
        return false
    }
}
