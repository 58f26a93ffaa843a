import MotetCore

/// Finds what of a program depends on items alone, and builds the two programs of `ItemFactoring`.
struct ItemParting {
    private let whole: Graph
    private let items: Set<String>
    /// The nodes that depend on items alone.
    private var alone: [Bool]
    /// What of them others read.
    private var frontier: [Value] = []
    /// For each value of the frontier how it is stored.
    private(set) var stored: [ItemFactoring.Stored] = []

    init(_ graph: Graph, _ items: Set<String>) {
        whole = graph
        self.items = items
        alone = graph.nodes.map { _ in false }
        // What cannot be stored is computed for each request, and so is what is computed of it.
        var refused = Set<Int>()
        repeat {
            findAlone(without: refused)
            refused = Set(
                graph.nodes.indices.filter { index in
                    alone[index]
                        && graph.nodes[index].outputs.contains {
                            frontier.contains($0) && !Self.canBeStored(graph.type(of: $0))
                        }
                }
            ).union(refused)
        } while frontier.contains { !Self.canBeStored(graph.type(of: $0)) }
        let keys = keys()
        stored = frontier.map { value in
            let shape = graph.type(of: value).shape
            return ItemFactoring.Stored(
                name: "items/\(keys[value] ?? "")",
                width: shape.dimensions.compactMap(\.fixedSize).reduce(1, *),
                slices: shape[0] == .batch ? nil : shape[0].fixedSize
            )
        }
    }

    /// The FLOPs for an item that are saved.
    var operations: Int {
        needed.reduce(0) { sum, node in
            let work = node.operation.floatingPointOperations(
                node.inputs.map { whole.type(of: $0) },
                node.outputs.map { whole.type(of: $0) }
            )
            return sum + (work.symbol == .batch ? work.scale : 0)
        }
    }

    private mutating func findAlone(without refused: Set<Int>) {
        var values = Set(whole.inputs.filter { items.contains($0.name) }.map(\.value))
        var made = Set<Value>()
        for (index, node) in whole.nodes.enumerated() {
            alone[index] =
                !refused.contains(index) && RowwiseOperations.isAlone(node, of: values, in: whole)
            if alone[index] {
                values.formUnion(node.outputs)
                made.formUnion(node.outputs)
            }
        }
        frontier = []
        let read =
            whole.nodes.indices.filter { !alone[$0] }.flatMap { whole.nodes[$0].inputs }
            + whole.outputs.map(\.value)
        for value in read where made.contains(value) && !frontier.contains(value) {
            frontier.append(value)
        }
    }

    /// Whether rows of a type can be kept in a table: numbers, with the rows first or behind a stack's slices.
    private static func canBeStored(_ type: TensorType) -> Bool {
        let sizes = type.shape.dimensions
        guard type.dtype == .float32, let axis = sizes.firstIndex(of: .batch),
            axis == 0 || (axis == 1 && sizes.count == 3)
        else { return false }
        return sizes.indices.allSatisfy { $0 == axis || sizes[$0].fixedSize != nil }
    }

    /// For each value that depends on items alone a name of what is computed: equal where operations, inputs and states
    /// are, in other programs too.
    private func keys() -> [Value: String] {
        var keys: [Value: String] = [:]
        func key(_ value: Value) -> String {
            switch whole.sources[value.id] {
            case .input(let name): "input \(name)"
            case .state(let name): "state \(name)"
            case .constant(let tensor): "constant \(Self.text(of: tensor))"
            case .node: keys[value] ?? ""
            }
        }
        for node in needed {
            let inputs = node.inputs.map(key).joined(separator: ", ")
            for (place, output) in node.outputs.enumerated() {
                let text = "\(node.operation) of \(inputs), result \(place)"
                keys[output] = String(RandomKey(seed: 0).split(text).bits(0), radix: 16)
            }
        }
        return keys
    }

    /// What tells a constant from others: its sizes and all its elements.
    private static func text(of tensor: Tensor) -> String {
        switch tensor.dtype {
        case .float32: "\(tensor.shape) of float32 \(tensor.floats.map(\.bitPattern))"
        case .int32: "\(tensor.shape) of int32 \(tensor.integers)"
        }
    }

    /// The nodes that the frontier needs.
    private var needed: [Graph.Node] {
        var wanted = Set(frontier)
        var nodes: [Graph.Node] = []
        for node in whole.nodes.reversed() where node.outputs.contains(where: wanted.contains) {
            wanted.formUnion(node.inputs)
            nodes.append(node)
        }
        return nodes.reversed()
    }

    /// The program that computes rows of items.
    func table() throws(GraphError) -> Graph {
        var copy = GraphCopy(whole)
        try copy.append(needed)
        for (value, stored) in zip(frontier, stored) {
            copy.builder.output(stored.name, try copy.value(value))
        }
        try copy.builder.graph.verify(after: "ItemFactoring")
        return copy.builder.graph
    }

    /// The program that answers.
    func program(count: Int) throws(GraphError) -> Graph {
        var copy = GraphCopy(whole)
        let nodes = whole.nodes.indices.filter { !alone[$0] }.map { whole.nodes[$0] }
        let read = Set(nodes.flatMap(\.inputs))
        for input in whole.inputs where !items.contains(input.name) || read.contains(input.value) {
            _ = try copy.value(input.value)
        }
        copy.builder.scope = "items"
        let ids = try copy.builder.input(
            ItemFactoring.rowInput,
            TensorType([.batch], .int32)
        )
        for (value, stored) in zip(frontier, stored) {
            let shape = whole.type(of: value).shape
            let table = try copy.builder.state(
                stored.name,
                TensorType([.fixed(count), .fixed(stored.width)])
            )
            var rows = try copy.builder.apply(StoredRows(slices: stored.slices), table, ids)
            if copy.builder.shape(of: rows) != shape {
                rows = try copy.builder.apply(Reshape(shape), rows)
            }
            copy.made[value] = rows
        }
        try copy.append(nodes)
        for output in whole.outputs {
            copy.builder.output(output.name, try copy.value(output.value))
        }
        try copy.builder.graph.verify(after: "ItemFactoring")
        return copy.builder.graph
    }
}

/// Some nodes of a program in a new one.
private struct GraphCopy {
    private let whole: Graph
    var builder = GraphBuilder()
    /// For values of the whole program those of the new one.
    var made: [Value: Value] = [:]

    init(_ whole: Graph) { self.whole = whole }

    /// The value in the new program; inputs, states and constants are declared when they are first read.
    mutating func value(_ value: Value) throws(GraphError) -> Value {
        if let known = made[value] { return known }
        let copy: Value
        switch whole.sources[value.id] {
        case .state(let name): copy = try builder.state(name, whole.type(of: value))
        case .input(let name): copy = try builder.input(name, whole.type(of: value))
        case .constant(let tensor): copy = builder.constant(tensor)
        case .node:
            throw GraphError(
                .invalidGraph,
                "ItemFactoring: a value is read before it is made."
            )
        }
        made[value] = copy
        return copy
    }

    mutating func append(_ nodes: [Graph.Node]) throws(GraphError) {
        for node in nodes {
            builder.scope = node.scope
            var inputs: [Value] = []
            for input in node.inputs { inputs.append(try value(input)) }
            for (output, value) in zip(node.outputs, try builder.add(node.operation, inputs)) {
                made[output] = value
            }
        }
    }
}
