import MotetCore

/// Builds a program anew, with one row for what is the same in all rows.
struct RequestRewriting {
    private let old: Graph
    private let chosen: Set<String>
    private let items: Set<String>
    private let producers: [Value: Int]
    private let useCounts: [Int]
    private(set) var builder = GraphBuilder()
    private(set) var slices: [StateSlice] = []
    /// States and constants.
    private var fixed: [Value: Value] = [:]
    /// What is computed once.
    private var once: [Value: Value] = [:]
    /// What has a row for each row of the request.
    private var rows: [Value: Value] = [:]
    /// What of the whole program depends on nothing but the items known beforehand.
    private var ofItems = Set<Value>()
    /// For what is computed once, and what would have to be repeated and cannot be, the inputs it depends on.
    private var origins: [Value: Set<String>] = [:]
    /// Values with rows, by shape: repeating reads the shape of another value.
    private var shaped: [Shape: Value] = [:]
    /// Ids of rows: reading a table of one row by them repeats it.
    private var ids: Value?
    /// Nodes that another one's rewriting has replaced.
    private var done = Set<Int>()

    init(_ graph: Graph, once chosen: Set<String>, items: Set<String> = []) {
        old = graph
        self.chosen = chosen
        self.items = items
        producers = graph.producers()
        useCounts = graph.useCounts()
    }

    /// Builds the program.
    ///
    /// - Returns: the inputs that must have a row for each row after all; empty where the program is complete.
    mutating func run() throws(GraphError) -> Set<String> {
        for input in old.inputs { try declare(input.name, input.value) }
        for (index, node) in old.nodes.enumerated() where !done.contains(index) {
            builder.scope = node.scope
            if try computeOnce(node) { continue }
            if try cut(node) { continue }
            try computeRows(node)
        }
        var blockers = Set<String>()
        for output in old.outputs {
            if let value = try whole(output.value) {
                builder.output(output.name, value)
            } else {
                blockers.formUnion(origins[output.value] ?? chosen)
            }
        }
        return blockers
    }

    private mutating func declare(_ name: String, _ value: Value) throws(GraphError) {
        let type = old.type(of: value)
        if chosen.contains(name), let shape = RowwiseOperations.once(type.shape) {
            once[value] = try builder.input(name, TensorType(shape, type.dtype))
            origins[value] = [name]
            return
        }
        let made = try builder.input(name, type)
        keep(value, made)
        if items.contains(name) { ofItems.insert(value) }
        if type == TensorType([.batch], .int32), ids == nil { ids = made }
    }

    /// Remembers a value with rows.
    private mutating func keep(_ value: Value, _ made: Value) {
        rows[value] = made
        shaped[builder.shape(of: made)] = made
    }

    /// A state or constant in the new program; nil for other values.
    private mutating func constant(_ value: Value) throws(GraphError) -> Value? {
        if let known = fixed[value] { return known }
        switch old.sources[value.id] {
        case .state(let name): fixed[value] = try builder.state(name, old.type(of: value))
        case .constant(let tensor): fixed[value] = builder.constant(tensor)
        case .input, .node: break
        }
        return fixed[value]
    }

    /// Computes a node for one row, where all it reads is the same in all rows.
    private mutating func computeOnce(_ node: Graph.Node) throws(GraphError) -> Bool {
        var inputs: [Value] = []
        var isFixed: [Bool] = []
        var names = Set<String>()
        for input in node.inputs {
            if let value = once[input] {
                inputs.append(value)
                isFixed.append(false)
                names.formUnion(origins[input] ?? [])
            } else if let value = try constant(input) {
                inputs.append(value)
                isFixed.append(true)
            } else {
                return false
            }
        }
        if isFixed.allSatisfy({ $0 }) {
            let made = try builder.add(node.operation, inputs)
            for (output, value) in zip(node.outputs, made) { fixed[output] = value }
            return true
        }
        guard let operation = RowwiseOperations.once(node, fixed: isFixed, in: old),
            let types = try? operation.outputTypes(inputs.map { builder.type(of: $0) }),
            zip(node.outputs, types).allSatisfy({ output, made in
                let whole = old.type(of: output)
                return RowwiseOperations.once(whole.shape) == made.shape
                    && whole.dtype == made.dtype
            })
        else { return false }
        for (output, value) in zip(node.outputs, try builder.add(operation, inputs)) {
            once[output] = value
            origins[output] = names
        }
        return true
    }

    /// Computes a node for all rows.
    private mutating func computeRows(_ node: Graph.Node) throws(GraphError) {
        var inputs: [Value] = []
        var blockers = Set<String>()
        for input in node.inputs {
            // Arithmetic repeats by itself.
            if node.operation is Arithmetic, let value = once[input] {
                inputs.append(value)
            } else if let value = try whole(input) {
                inputs.append(value)
            } else {
                blockers.formUnion(origins[input] ?? chosen)
            }
        }
        if blockers.isEmpty, node.operation is Arithmetic {
            let types = try node.operation.outputTypes(inputs.map { builder.type(of: $0) })
            if types[0] != old.type(of: node.outputs[0]) {
                inputs = []
                for input in node.inputs {
                    guard let value = try whole(input) else {
                        blockers.formUnion(origins[input] ?? chosen)
                        continue
                    }
                    inputs.append(value)
                }
            }
        }
        guard blockers.isEmpty else {
            for output in node.outputs { origins[output] = blockers }
            return
        }
        for (output, value) in zip(node.outputs, try builder.add(node.operation, inputs)) {
            keep(output, value)
        }
        if RowwiseOperations.isAlone(node, of: ofItems, in: old) {
            ofItems.formUnion(node.outputs)
        }
    }

    /// A value with a row for each row; nil where what is computed once cannot be repeated.
    private mutating func whole(_ value: Value) throws(GraphError) -> Value? {
        if let known = rows[value] { return known }
        if let known = try constant(value) { return known }
        guard let single = once[value] else { return nil }
        let type = old.type(of: value)
        if builder.type(of: single) == type { return single }
        guard let repeated = try repeated(single, type) else { return try recomputed(value) }
        keep(value, repeated)
        return repeated
    }

    /// Repeats the one row of a value; nil where its type or shape cannot be repeated.
    private mutating func repeated(
        _ single: Value,
        _ type: TensorType
    ) throws(GraphError) -> Value? {
        let sizes = zip(builder.shape(of: single).dimensions, type.shape.dimensions)
        guard type.dtype == .float32,
            sizes.allSatisfy({ $0 == $1 || ($0 == 1 && $1 == .batch) })
        else { return nil }
        if let like = shaped[type.shape] {
            return try builder.apply(BroadcastLike(type.shape), single, like)
        }
        guard let ids, let count = builder.shape(of: single).fixedCount,
            type.shape.rank > 0, type.shape[0] == .batch
        else { return nil }
        // A table of one row is read by any id.
        let table = try builder.apply(Reshape([1, .fixed(count)]), single)
        let repeated = try builder.apply(EmbeddingLookup(), table, ids)
        return try builder.apply(Reshape(type.shape), repeated)
    }

    /// Computes a value for all rows after all, from what can be repeated.
    private mutating func recomputed(_ value: Value) throws(GraphError) -> Value? {
        guard let index = producers[value] else { return nil }
        let node = old.nodes[index]
        var inputs: [Value] = []
        for input in node.inputs {
            guard let whole = try whole(input) else { return nil }
            inputs.append(whole)
        }
        let made = try builder.add(node.operation, inputs)
        for (output, whole) in zip(node.outputs, made) { keep(output, whole) }
        return rows[value]
    }
}

// MARK: - Products of columns of both kinds

extension RequestRewriting {
    /// Cuts a product in two where it reads joined columns of both kinds.
    private mutating func cut(_ node: Graph.Node) throws(GraphError) -> Bool {
        guard node.inputs.count == 2, let axis = axisOfRows(node),
            case .state(let weight) = old.sources[node.inputs[1].id]
        else { return false }
        var shared: (values: [Value], ranges: [Range<Int>]) = ([], [])
        var own: (values: [Value], ranges: [Range<Int>]) = ([], [])
        var known: (values: [Value], ranges: [Range<Int>]) = ([], [])
        var start = 0
        for piece in columns(of: node.inputs[0]) {
            guard let width = old.type(of: piece).shape.last.fixedSize else { return false }
            let range = start..<(start + width)
            if let value = once[piece], builder.shape(of: value)[0] == 1 {
                shared.values.append(value)
                shared.ranges.append(range)
            } else if let value = rows[piece], ofItems.contains(piece) {
                known.values.append(value)
                known.ranges.append(range)
            } else if let value = rows[piece] {
                own.values.append(value)
                own.ranges.append(range)
            } else {
                return false
            }
            start += width
        }
        let parts = [own, known].filter { !$0.values.isEmpty }
        guard parts.count + (shared.values.isEmpty ? 0 : 1) > 1, !parts.isEmpty else {
            return false
        }
        let type = old.type(of: node.inputs[1])
        func product(
            _ part: (values: [Value], ranges: [Range<Int>])
        ) throws(GraphError) -> Value {
            let weight = try slice(of: weight, type, axis, part.ranges)
            return try builder.add(node.operation, [try joined(part.values), weight])[0]
        }
        var result = node.outputs[0]
        var addend: Value?
        if !shared.values.isEmpty {
            var sum = try product(shared)
            // The layer's own bias is added to the one row.
            if let (index, bias) = biasAdded(to: result), let bias = try constant(bias) {
                sum = try builder.apply(AddBias(), sum, bias)
                result = old.nodes[index].outputs[0]
                done.insert(index)
            }
            let shape = builder.shape(of: sum)
            let vector = axis == 0 ? Shape([shape.last]) : Shape([shape[0], shape.last])
            addend = try builder.apply(Reshape(vector), sum)
        }
        var sum = try product(parts[0])
        if parts.count > 1 {
            sum = try builder.apply(Arithmetic(.add), sum, try product(parts[1]))
        }
        if let addend { sum = try builder.apply(AddBias(), sum, addend) }
        keep(result, sum)
        return true
    }

    /// The axis of a weight's rows, in products of columns with a weight; nil for other operations.
    private func axisOfRows(_ node: Graph.Node) -> Int? {
        switch node.operation {
        case let product as MatMul
        where !product.transposeLeft && !product.transposeRight && product.activation == nil:
            return 0
        case let product as StackedMatMul
        where !product.transposeWeight && !product.sumsSlices && product.activation == nil
            && product.targets == Array(product.targets.indices):
            return old.type(of: node.inputs[0]).shape.rank == 2 ? 1 : nil
        default: return nil
        }
    }

    /// The values a matrix is joined of by columns: itself, where it is not joined.
    private func columns(of value: Value) -> [Value] {
        guard let index = producers[value] else { return [value] }
        let node = old.nodes[index]
        if node.operation is StopGradient { return columns(of: node.inputs[0]) }
        guard let join = node.operation as? Concatenate, join.axis == 1,
            old.type(of: value).shape.rank == 2
        else { return [value] }
        return node.inputs.flatMap { columns(of: $0) }
    }

    private mutating func joined(_ values: [Value]) throws(GraphError) -> Value {
        values.count == 1 ? values[0] : try builder.add(Concatenate(axis: 1), values)[0]
    }

    private mutating func slice(
        of source: String,
        _ type: TensorType,
        _ axis: Int,
        _ ranges: [Range<Int>]
    ) throws(GraphError) -> Value {
        let slice = StateSlice(of: source, axis: axis, ranges: ranges)
        if !slices.contains(slice) { slices.append(slice) }
        var dimensions = type.shape.dimensions
        dimensions[axis] = .fixed(ranges.reduce(0) { $0 + $1.count })
        return try builder.state(slice.name, TensorType(Shape(dimensions)))
    }

    /// The node that adds a bias to a product, and the bias, where nothing else reads the product.
    private func biasAdded(to product: Value) -> (index: Int, bias: Value)? {
        guard useCounts[product.id] == 1,
            let index = old.nodes.firstIndex(where: { $0.inputs.contains(product) }),
            old.nodes[index].operation is AddBias, old.nodes[index].inputs[0] == product
        else { return nil }
        return (index, old.nodes[index].inputs[1])
    }
}
