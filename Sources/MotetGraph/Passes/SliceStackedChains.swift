import MotetCore

/// Runs chains of stacked products one slice after the other, so that only one slice's intermediate results exist.
///
/// Experts, towers and gates are stacks, of which every slice is computed alone: a second layer, a derivative or the
/// gradient of a weight reads of its slice what the first layer wrote of it. Where nothing else reads what lies between,
/// the first slice's whole chain runs before the second's: what lies between takes one slice's memory in place of all,
/// and is still in the cache when it is read. Each slice is computed as before, so every bit stays the same.
///
/// Cut are the hidden layers of experts in programs that answer, and a task's gradients at the hidden layers of experts
/// where gradients of tasks are compared at parameters. Hidden layers that a backward pass still reads stay whole.
public struct SliceStackedChains: GraphPass {
    /// Creates the pass.
    public init() {}

    /// Rewrites the graph.
    public func run(on graph: inout Graph) {
        var taken = Set<Int>()
        var chains: [StackedChain] = []
        let readers = StackedChain.readers(graph)
        for index in graph.nodes.indices where !taken.contains(index) {
            guard let chain = StackedChain(from: index, in: graph, readers, without: taken) else {
                continue
            }
            taken.formUnion(chain.members)
            chains.append(chain)
        }
        guard !chains.isEmpty else { return }
        let old = graph.nodes
        var nodes: [Graph.Node] = []
        for (index, node) in old.enumerated() {
            for chain in chains where chain.place == index {
                nodes += chain.slices(of: old, in: &graph)
            }
            if !taken.contains(index) { nodes.append(node) }
        }
        graph.nodes = nodes
    }
}

/// Nodes that compute slices of a stack independently of each other, with results between them that nothing else reads.
private struct StackedChain {
    /// The positions of the nodes.
    let members: Set<Int>
    /// The node before which the chain can run as a whole.
    let place: Int
    private let count: Int
    /// Results that only the chain reads.
    private let inner: Set<Value>

    /// The nodes that read each value; nil for what a program gives out or keeps.
    static func readers(_ graph: Graph) -> [[(node: Int, input: Int)]?] {
        var readers: [[(node: Int, input: Int)]?] = graph.types.map { _ in [] }
        for (index, node) in graph.nodes.enumerated() {
            for (position, input) in node.inputs.enumerated() {
                readers[input.id]?.append((index, position))
            }
        }
        for output in graph.outputs { readers[output.value.id] = nil }
        for update in graph.updates { readers[update.value.id] = nil }
        return readers
    }

    /// The longest chain that starts with a product; nil where it has nothing between its nodes.
    init?(
        from root: Int,
        in graph: Graph,
        _ readers: [[(node: Int, input: Int)]?],
        without taken: Set<Int>
    ) {
        let first = graph.nodes[root]
        guard first.operation is StackedMatMul,
            let count = graph.type(of: first.inputs[1]).shape[0].fixedSize, count > 1,
            Self.cutInputs(first, count, graph) != nil
        else { return nil }
        var known: [Value: Bool] = [:]

        /// Whether all that reads a value can do so slice by slice, and makes nothing of its size in turn but products.
        func isInner(_ value: Value) -> Bool {
            if let found = known[value] { return found }
            guard graph.type(of: value).shape.fixedCount == nil, let reading = readers[value.id],
                !reading.isEmpty
            else { return false }
            let found = reading.allSatisfy { index, position in
                let node = graph.nodes[index]
                guard node.stage == first.stage, !taken.contains(index),
                    let isCut = Self.cutInputs(node, count, graph), isCut[position]
                else { return false }
                return node.operation is StackedMatMul
                    || node.outputs.allSatisfy {
                        graph.type(of: $0).shape.fixedCount != nil || isInner($0)
                    }
            }
            known[value] = found
            return found
        }

        var members: Set = [root]
        var inner = Set<Value>()
        var open = [root]
        while let index = open.popLast() {
            for output in graph.nodes[index].outputs where isInner(output) {
                inner.insert(output)
                for reader in readers[output.id] ?? [] where members.insert(reader.node).inserted {
                    open.append(reader.node)
                }
            }
        }
        guard !inner.isEmpty, let place = Self.place(of: members, inner, in: graph) else {
            return nil
        }
        self.members = members
        self.place = place
        self.count = count
        self.inner = inner
    }

    /// The first node that reads a result of the chain from outside, or else its last node; nil where something the
    /// chain reads is made later.
    private static func place(
        of members: Set<Int>,
        _ inner: Set<Value>,
        in graph: Graph
    ) -> Int? {
        var results = Set<Value>()
        var needed = Set<Value>()
        for index in members {
            results.formUnion(graph.nodes[index].outputs)
            needed.formUnion(graph.nodes[index].inputs)
        }
        needed.subtract(results)
        let last = members.max() ?? 0
        let place =
            graph.nodes.indices.first {
                !members.contains($0) && graph.nodes[$0].inputs.contains(where: results.contains)
            }.map { min($0, last) } ?? last
        let isLate = graph.nodes[place...].contains { $0.outputs.contains(where: needed.contains) }
        return isLate ? nil : place
    }

    /// For each input whether slice *e* of the results needs only slice *e* of it; nil for nodes that are not
    /// computed slice by slice.
    private static func cutInputs(_ node: Graph.Node, _ count: Int, _ graph: Graph) -> [Bool]? {
        let shapes = node.inputs.map { graph.type(of: $0).shape }
        let everySlice = Array(0..<count)
        func isCut(_ shape: Shape, _ slices: [Int]) -> Bool {
            shape.rank == 3 && shape[0] == .fixed(count) && slices == everySlice
        }
        switch node.operation {
        case let product as StackedMatMul:
            guard !product.sumsSlices, product.targets == everySlice else { return nil }
            return [isCut(shapes[0], product.sources)] + shapes.dropFirst().map { _ in true }
        case let gradient as StackedMatMulWeightGradient:
            guard gradient.sources.count == count else { return nil }
            return [isCut(shapes[0], gradient.sources), isCut(shapes[1], gradient.targets)]
        case is Activation, is ActivationGradient:
            return shapes.allSatisfy { isCut($0, everySlice) } ? shapes.map { _ in true } : nil
        case is AddBias:
            return isCut(shapes[0], everySlice) && shapes[1].rank == 2 ? [true, true] : nil
        case let sum as SumRows:
            return sum.stacked && isCut(shapes[0], everySlice) ? [true] : nil
        default: return nil
        }
    }

    /// A node's operation on one slice.
    private static func operation(
        _ operation: any Operation,
        _ slice: Int,
        _ isCut: [Bool]
    ) -> any Operation {
        switch operation {
        case let product as StackedMatMul:
            StackedMatMul(
                sources: [isCut[0] ? 0 : product.sources[slice]],
                targets: [0],
                transposeWeight: product.transposeWeight,
                activation: product.activation
            )
        case let gradient as StackedMatMulWeightGradient:
            StackedMatMulWeightGradient(
                sources: [isCut[0] ? 0 : gradient.sources[slice]],
                targets: [isCut[1] ? 0 : gradient.targets[slice]]
            )
        default: operation
        }
    }

    /// The chain's nodes, slice after slice, between what cuts its inputs and what joins its results.
    func slices(of old: [Graph.Node], in graph: inout Graph) -> [Graph.Node] {
        var pieces: [Value: [Value]] = [:]
        var nodes: [Graph.Node] = []
        func cut(_ value: Value, _ graph: inout Graph) -> [Value] {
            let type = graph.type(of: value)
            let piece = TensorType(Shape([1] + type.shape.dimensions.dropFirst()), type.dtype)
            return (0..<count).map { _ in graph.appendValue(piece) }
        }
        let order = members.sorted()
        let first = old[order[0]]
        for index in order {
            for output in old[index].outputs { pieces[output] = cut(output, &graph) }
        }
        for index in order {
            guard let isCut = Self.cutInputs(old[index], count, graph) else { continue }
            for (input, isCut) in zip(old[index].inputs, isCut)
            where isCut && pieces[input] == nil {
                let made = cut(input, &graph)
                pieces[input] = made
                var split = first
                split.operation = Split(axis: 0, sizes: made.map { _ in 1 })
                split.inputs = [input]
                split.outputs = made
                nodes.append(split)
            }
        }
        for slice in 0..<count {
            for index in order {
                var node = old[index]
                guard let isCut = Self.cutInputs(node, count, graph) else { continue }
                node.operation = Self.operation(node.operation, slice, isCut)
                node.inputs = zip(node.inputs, isCut).map { input, isCut in
                    isCut ? pieces[input]?[slice] ?? input : input
                }
                node.outputs = node.outputs.map { pieces[$0]?[slice] ?? $0 }
                nodes.append(node)
            }
        }
        for index in order {
            for output in old[index].outputs where !inner.contains(output) {
                var join = old[index]
                join.operation = Concatenate(axis: 0)
                join.inputs = pieces[output] ?? []
                join.outputs = [output]
                nodes.append(join)
            }
        }
        return nodes
    }
}
