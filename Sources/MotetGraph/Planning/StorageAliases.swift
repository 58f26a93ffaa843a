import MotetCore

/// Which values are views of which, found before memory is given out.
struct StorageAliases {
    private struct Link {
        let parent: Int
        let offset: Dimension
        let rowStride: Int?
    }

    private let graph: Graph
    private let capacity: [SizeSymbol: Int]
    private var links: [Int: Link] = [:]
    private var hasChildren = Set<Int>()
    private let consumers: [[(node: Int, input: Int)]]
    private let producers: [Value: Int]
    private let kept: Set<Int>

    init(_ graph: Graph, capacity: [SizeSymbol: Int]) {
        self.graph = graph
        self.capacity = capacity
        var consumers = [[(node: Int, input: Int)]](repeating: [], count: graph.types.count)
        for (index, node) in graph.nodes.enumerated() {
            for (position, input) in node.inputs.enumerated() {
                consumers[input.id].append((index, position))
            }
        }
        self.consumers = consumers
        producers = graph.producers()
        kept = Set(graph.outputs.map(\.value.id) + graph.updates.map(\.value.id))
    }

    func isExternal(_ id: Int) -> Bool {
        if case .node = graph.sources[id] { false } else { true }
    }

    /// The value that owns the memory, and the place in it.
    func resolved(_ id: Int) -> (root: Int, offset: Dimension, rowStride: Int?) {
        guard let link = links[id] else { return (id, 0, nil) }
        let parent = resolved(link.parent)
        return (
            parent.root, parent.offset.adding(link.offset), link.rowStride ?? parent.rowStride
        )
    }

    private func isStrided(_ id: Int) -> Bool { resolved(id).rowStride != nil }

    private mutating func link(_ child: Int, to parent: Int, at offset: Dimension, stride: Int?) {
        links[child] = Link(parent: parent, offset: offset, rowStride: stride)
        hasChildren.insert(parent)
    }

    /// A state's new value is written over the old one.
    mutating func mergeUpdates() {
        var states: [String: Value] = [:]
        for state in graph.states { states[state.name] = state.value }
        for update in graph.updates {
            guard let state = states[update.state], !isExternal(update.value.id) else { continue }
            link(update.value.id, to: state.id, at: 0, stride: nil)
        }
    }

    /// Reshapes, splits and concatenations become views where the kernels around them allow it.
    mutating func mergeViews(_ traits: some StorageTraits) {
        for node in graph.nodes {
            switch node.operation {
            case is Reshape, is StopGradient: mergeReshape(node)
            case let split as Split: mergeSplit(node, split, traits)
            case let join as Concatenate: mergeConcatenation(node, join, traits)
            default: break
            }
        }
    }

    private mutating func mergeReshape(_ node: Graph.Node) {
        let (input, output) = (node.inputs[0].id, node.outputs[0].id)
        // Whoever made the input strided has asked its readers: this node is one that keeps rows whole.
        guard links[output] == nil, !isStrided(input) || keepsRows(node) else { return }
        link(output, to: input, at: 0, stride: nil)
    }

    private mutating func mergeSplit(
        _ node: Graph.Node,
        _ split: Split,
        _ traits: some StorageTraits
    ) {
        let input = node.inputs[0].id
        let shape = graph.types[input].shape
        guard !isStrided(input) else { return }
        let inner = Shape(Array(shape.dimensions[(split.axis + 1)...]))
        let isLeading = shape.dimensions[..<split.axis].allSatisfy { $0 == 1 }
        let isColumns = split.axis == 1 && shape.rank == 2
        guard isLeading || isColumns, let unit = inner.elementCount else { return }
        var start = 0
        for (output, size) in zip(node.outputs, split.sizes) {
            defer { start += size }
            guard links[output.id] == nil else { continue }
            if isLeading {
                link(output.id, to: input, at: unit.times(start), stride: nil)
            } else if !kept.contains(output.id), readsStrided(output.id, traits),
                let width = shape[1].fixedSize
            {
                link(output.id, to: input, at: .fixed(start), stride: width)
            }
        }
    }

    private mutating func mergeConcatenation(
        _ node: Graph.Node,
        _ join: Concatenate,
        _ traits: some StorageTraits
    ) {
        let output = node.outputs[0].id
        let shape = graph.types[output].shape
        guard !isStrided(output) else { return }
        let inner = Shape(Array(shape.dimensions[(join.axis + 1)...]))
        let isLeading = shape.dimensions[..<join.axis].allSatisfy { $0 == 1 }
        let isColumns = join.axis == 1 && shape.rank == 2
        guard isLeading || isColumns, let unit = inner.elementCount else { return }
        var start = 0
        for input in node.inputs {
            defer { start += graph.types[input.id].shape[join.axis].fixedSize ?? 0 }
            guard links[input.id] == nil, !isExternal(input.id), !kept.contains(input.id),
                resolved(output).root != input.id
            else { continue }
            if isLeading {
                link(input.id, to: output, at: unit.times(start), stride: nil)
            } else if !hasChildren.contains(input.id), writesStrided(input, traits),
                readsStrided(input.id, traits), let width = shape[1].fixedSize
            {
                link(input.id, to: output, at: .fixed(start), stride: width)
            }
        }
    }

    private func readsStrided(_ id: Int, _ traits: some StorageTraits) -> Bool {
        consumers[id].allSatisfy { consumer in
            let node = graph.nodes[consumer.node]
            guard keepsRows(node), let view = node.outputs.first else {
                return traits.readsStridedRows(node, input: consumer.input)
            }
            // A view of strided rows is strided too, so its readers decide.
            return !kept.contains(view.id) && readsStrided(view.id, traits)
        }
    }

    /// Whether a node gives rows another arrangement but the same width.
    private func keepsRows(_ node: Graph.Node) -> Bool {
        guard node.operation is Reshape || node.operation is StopGradient else { return false }
        let (from, to) = (
            graph.types[node.inputs[0].id].shape, graph.types[node.outputs[0].id].shape
        )
        return from.rank >= 2 && to.rank >= 2 && from.last == to.last
    }

    private func writesStrided(_ value: Value, _ traits: some StorageTraits) -> Bool {
        guard let producer = producers[value],
            let output = graph.nodes[producer].outputs.firstIndex(of: value)
        else { return false }
        return traits.writesStridedRows(graph.nodes[producer], output: output)
    }

    /// Nodes write over an input that nothing reads afterwards, where their kernels can.
    mutating func mergeReusedInputs(_ traits: some StorageTraits) {
        var members: [Int: [Int]] = [:]
        for id in graph.types.indices { members[resolved(id).root, default: []].append(id) }
        for (index, node) in graph.nodes.enumerated() {
            for (place, output) in node.outputs.enumerated() where links[output.id] == nil {
                for position in traits.reusableInputs(node, output: place) {
                    guard
                        let root = reusableRoot(index, input: position, output.id, members)
                    else { continue }
                    link(output.id, to: root, at: 0, stride: nil)
                    members[root, default: []] += members.removeValue(forKey: output.id) ?? []
                    break
                }
            }
        }
    }

    /// The owner of an input's memory, when an output of the same size may take it over.
    private func reusableRoot(
        _ index: Int,
        input position: Int,
        _ output: Int,
        _ members: [Int: [Int]]
    ) -> Int? {
        let node = graph.nodes[index]
        let input = node.inputs[position].id
        let place = resolved(input)
        // A view of all of its owner, as a reshape is, will do.
        guard place.offset == 0, place.rowStride == nil, !isExternal(place.root),
            graph.types[place.root].shape.elementCount == graph.types[input].shape.elementCount,
            input != output, graph.types[input] == graph.types[output],
            node.inputs.filter({ $0.id == input }).count == 1,
            let group = members[place.root], !group.contains(where: kept.contains),
            !group.contains(output)
        else { return nil }
        let isOver = group.allSatisfy { id in
            consumers[id].allSatisfy { $0.node <= index }
                && !node.inputs.contains { $0.id == id && id != input }
                && (producers[Value(id: id)] ?? -1) < index
        }
        return isOver ? place.root : nil
    }

    /// For each value that owns memory, the nodes during which it must be kept.
    ///
    /// - Parameter concurrent: nodes that run at the same time: what one touches is kept during all.
    /// - Returns: positions of nodes by the value that owns the memory.
    func lifetimes(_ concurrent: [ClosedRange<Int>]) -> [Int: ClosedRange<Int>] {
        var spans = graph.nodes.indices.map { $0...$0 }
        for group in concurrent {
            for index in group { spans[index] = group }
        }
        var ranges: [Int: ClosedRange<Int>] = [:]
        func extend(_ id: Int, _ time: Int) {
            let root = resolved(id).root
            let range = ranges[root] ?? time...time
            ranges[root] = min(range.lowerBound, time)...max(range.upperBound, time)
        }
        for (index, node) in graph.nodes.enumerated() {
            for value in node.inputs + node.outputs {
                extend(value.id, spans[index].lowerBound)
                extend(value.id, spans[index].upperBound)
            }
        }
        for output in graph.outputs { extend(output.value.id, graph.nodes.count) }
        for update in graph.updates { extend(update.value.id, graph.nodes.count) }
        return ranges
    }
}

extension Dimension {
    func times(_ factor: Int) -> Dimension {
        guard let symbol, factor != 0 else { return .fixed(offset * factor) }
        return .symbol(symbol, scale: scale * factor, offset: offset * factor)
    }

    /// The sum of two sizes of one symbol; offsets inside one buffer always have one.
    func adding(_ other: Dimension) -> Dimension {
        guard let symbol else {
            guard let otherSymbol = other.symbol else { return .fixed(offset + other.offset) }
            return .symbol(otherSymbol, scale: other.scale, offset: other.offset + offset)
        }
        return .symbol(symbol, scale: scale + other.scale, offset: offset + other.offset)
    }
}
