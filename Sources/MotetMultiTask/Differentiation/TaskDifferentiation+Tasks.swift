import MotetCore
import MotetGraph

/// One task's gradient at a border value, or at one slice of it.
struct TaskPiece {
    let task: Int
    let value: Value
    /// Nil for the whole of it.
    let slice: Int?
}

/// The gradients of single tasks, and their products.
extension TaskDifferentiation {
    /// The products of the tasks' gradients at a value of the border.
    mutating func products(
        at value: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Products] {
        let crossings = regions.crossings.filter { regions.value($0) == value }
        let owners = regions.owners(of: value)
        if crossings.count == 1, crossings[0].input == 1,
            let mixture = regions.nodes[crossings[0].node].operation as? Mixture,
            let upstream = upstream[crossings[0].node]?[0]
        {
            return try products(of: mixture, crossings[0].node, upstream, in: &graph)
        }
        var pieces: [TaskPiece] = []
        for crossing in crossings { pieces += try self.pieces(crossing, in: &graph) }
        // A value met in slices is compared slice by slice; else as a whole.
        if pieces.contains(where: { $0.slice != nil }) {
            pieces = try cut(pieces, graph.shape(of: value)[0].fixedSize ?? 1, in: &graph)
        }
        met[value] = pieces
        var found: [Products] = []
        for slice in Set(pieces.map(\.slice)).sorted(by: { ($0 ?? 0) < ($1 ?? 0) }) {
            let isShared =
                slice.map { owners.slices.count == 1 || owners.slices[$0].isShared } ?? true
            guard isShared else { continue }
            let here = pieces.filter { $0.slice == slice }
            graph.scope = "aggregation"
            found.append(
                Products(
                    value: try graph.add(InnerProducts(), here.map(\.value))[0],
                    tasks: here.map(\.task)
                )
            )
        }
        return found
    }

    /// Pieces of slices alone.
    private func cut(
        _ pieces: [TaskPiece],
        _ count: Int,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [TaskPiece] {
        var slices: [TaskPiece] = []
        let ones = Split(axis: 0, sizes: [Int](repeating: 1, count: count))
        for piece in pieces {
            guard piece.slice == nil else {
                slices.append(piece)
                continue
            }
            for (slice, value) in try graph.add(ones, [piece.value]).enumerated() {
                slices.append(TaskPiece(task: piece.task, value: value, slice: slice))
            }
        }
        return slices
    }

    /// The weighted sum of the pieces that met at a border value.
    func combined(
        at value: Value,
        _ pieces: [TaskPiece],
        _ factors: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value? {
        graph.scope = "aggregation"
        let owners = regions.owners(of: value)
        guard let first = pieces.first else { return nil }
        guard first.slice != nil else {
            let rule = WeightedSum(places: pieces.map { [$0.task] })
            return try graph.add(rule, pieces.map(\.value) + [factors])[0]
        }
        let count = graph.shape(of: value)[0].fixedSize ?? 1
        var slices: [Value] = []
        for slice in 0..<count {
            let here = pieces.filter { $0.slice == slice }
            guard !here.isEmpty else {
                let zero = graph.constant(Tensor(zeros: []))
                let shape = graph.shape(of: first.value)
                slices.append(try graph.apply(BroadcastLike(shape), zero, first.value))
                continue
            }
            let isShared = owners.slices.count == 1 || owners.slices[slice].isShared
            let rule = WeightedSum(
                places: here.map { [isShared ? $0.task : losses.count + $0.task] }
            )
            slices.append(try graph.add(rule, here.map(\.value) + [factors])[0])
        }
        return try graph.add(Concatenate(axis: 0), slices)[0]
    }

    /// The products of gradients that reach experts through own gates.
    private func products(
        of mixture: Mixture,
        _ index: Int,
        _ upstream: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Products] {
        let node = regions.nodes[index]
        let owners = regions.owners(of: node.outputs[0]).expanded(mixture.selections.count)
        let count = graph.shape(of: node.inputs[1])[0].fixedSize ?? 0
        let experts = regions.owners(of: node.inputs[1]).expanded(count)
        graph.scope = "aggregation"
        let value = try graph.apply(
            MixtureProducts(selections: mixture.selections, included: experts.map(\.isShared)),
            upstream,
            node.inputs[0]
        )
        // A gate without a task has no gradient: its row is 0.
        return [Products(value: value, tasks: owners.map { $0.only ?? 0 })]
    }

    /// The products of the tasks' gradients of the shared parameters.
    func products(
        of copies: [[Gradient?]],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Products] {
        graph.scope = "aggregation"
        var found: [Products] = []
        for (position, target) in targets.enumerated() where target.isCompared {
            let owners = regions.owners(of: target.value)
            guard !owners.isOwn else { continue }
            if target.isTable {
                if let made = try rowProducts(position, copies, in: &graph) { found.append(made) }
                continue
            }
            var values: [Value] = []
            var tasks: [Int] = []
            for (task, copy) in copies.enumerated() {
                guard case .dense(let value)? = copy[position] else { continue }
                values.append(value)
                tasks.append(task)
            }
            guard !values.isEmpty else { continue }
            let isWhole = owners.slices.count == 1
            let rule = InnerProducts(included: isWhole ? nil : owners.slices.map(\.isShared))
            found.append(Products(value: try graph.add(rule, values)[0], tasks: tasks))
        }
        return found
    }

    /// The products of the tasks' gradients of a table, which stay rows.
    ///
    /// Rows are added up by id for each task in one and the same order of ids, so that the sums of two tasks stand
    /// opposite each other. Lookups a task does not depend on give it rows of zeros.
    private func rowProducts(
        _ position: Int,
        _ copies: [[Gradient?]],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Products? {
        var lookups: [RowGradient] = []
        var rows: [(task: Int, rows: [RowGradient])] = []
        for (task, copy) in copies.enumerated() {
            guard case .rows(let own)? = copy[position], !own.isEmpty else { continue }
            rows.append((task, own))
            for row in own {
                let missing =
                    own.count { $0.ids == row.ids } - lookups.count { $0.ids == row.ids }
                if missing > 0 { lookups.append(row) }
            }
        }
        guard !rows.isEmpty else { return nil }
        var sums: [Value] = []
        var count: Value?
        for (_, own) in rows {
            var left = own
            var terms: [RowGradient] = []
            for lookup in lookups {
                if let next = left.firstIndex(where: { $0.ids == lookup.ids }) {
                    terms.append(left.remove(at: next))
                    continue
                }
                let zero = graph.constant(Tensor(zeros: []))
                let shape = graph.shape(of: lookup.rows)
                terms.append(
                    RowGradient(
                        ids: lookup.ids,
                        rows: try graph.apply(BroadcastLike(shape), zero, lookup.rows)
                    )
                )
            }
            let made = try graph.combined(terms, like: targets[position].value)
            sums.append(made[1])
            count = made[2]
        }
        guard let count else { return nil }
        let rule = InnerProducts(isCounted: true)
        return Products(
            value: try graph.add(rule, sums + [count])[0],
            tasks: rows.map(\.task)
        )
    }

    /// For each task its gradient of each target that is compared, as if it were alone.
    mutating func gradientsOfTasks(
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [[Gradient?]] {
        var copies: [[Gradient?]] = []
        for task in losses.indices { copies.append(try gradients(of: task, in: &graph)) }
        return copies
    }

    private func gradients(
        of task: Int,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        var arriving: [Value: [Gradient]] = [:]
        for crossing in regions.crossings where compared.contains(regions.value(crossing)) {
            for piece in try gradients(of: task, crossing, in: &graph) {
                arriving[regions.value(crossing), default: []].append(piece)
            }
        }
        for index in regions.nodes.indices.reversed()
        where regions.isOnTheWay[index] && !regions.isOwn[index] {
            let node = regions.nodes[index]
            guard node.outputs.contains(where: compared.contains) else { continue }
            graph.scope = node.scope
            var upstream: [Value?] = []
            for output in node.outputs {
                upstream.append(try graph.accumulated(arriving[output], like: output))
            }
            guard upstream.contains(where: { $0 != nil }) else { continue }
            let made = try node.operation.gradients(node, upstream, in: &graph)
            for (input, gradient) in zip(node.inputs, made) where compared.contains(input) {
                if let gradient { arriving[input, default: []].append(gradient) }
            }
        }
        var gradients: [Gradient?] = []
        for target in targets {
            let made =
                target.isCompared
                ? try graph.accumulatedGradient(arriving[target.value], like: target.value) : nil
            gradients.append(made)
        }
        return gradients
    }

    /// A task's gradients at what an own node reads from the shared part, of the value's own shape.
    private func gradients(
        of task: Int,
        _ crossing: TaskRegions.Crossing,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient] {
        let node = regions.nodes[crossing.node]
        guard let upstream = upstream[crossing.node] else { return [] }
        let slices = Array(regions.owners(of: node.outputs[0]).slices.indices).filter {
            regions.owners(of: node.outputs[0]).slices[$0].only == task
        }
        graph.scope = node.scope
        if let product = node.operation as? StackedMatMul, OwnershipRules.isDirect(product),
            crossing.input == 0, let arrived = upstream[0], isStacked(node, product.sources.count)
        {
            var found: [Gradient] = []
            for slice in slices {
                let part = try one(node, slice, in: &graph)
                let cut = try self.slice(arrived, slice, product.sources.count, in: &graph)
                if let made = try part.operation.gradients(part, [cut], in: &graph)[0] {
                    found.append(made)
                }
            }
            return found
        }
        if let mixture = node.operation as? Mixture, crossing.input == 1,
            let arrived = upstream[0], isStacked(node, mixture.selections.count)
        {
            var found: [Gradient] = []
            for gate in slices {
                var part = node
                let rule = Mixture(selections: [mixture.selections[gate]])
                let count = mixture.selections.count
                part.operation = rule
                part.inputs[0] = try slice(node.inputs[0], gate, count, in: &graph)
                let cut = try slice(arrived, gate, count, in: &graph)
                if let made = try rule.gradients(part, [cut], in: &graph)[1] { found.append(made) }
            }
            return found
        }
        let only = try self.only(task, node, upstream, in: &graph)
        guard only.contains(where: { $0 != nil }) else { return [] }
        return try node.operation.gradients(node, only, in: &graph)[crossing.input].map { [$0] }
            ?? []
    }

    private func isStacked(_ node: Graph.Node, _ count: Int) -> Bool {
        regions.owners(of: node.outputs[0]).slices.count == count && count > 1
    }

    /// A stacked product of which only one slice is left.
    private func one(
        _ node: Graph.Node,
        _ slice: Int,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Graph.Node {
        guard let product = node.operation as? StackedMatMul else { return node }
        var part = node
        part.operation = StackedMatMul(
            sources: [product.sources[slice]],
            targets: [0],
            transposeWeight: product.transposeWeight
        )
        part.inputs[1] = try self.slice(node.inputs[1], slice, product.sources.count, in: &graph)
        return part
    }

    private func slice(
        _ value: Value,
        _ slice: Int,
        _ count: Int,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        count == 1
            ? value
            : try graph.add(Split(axis: 0, sizes: [Int](repeating: 1, count: count)), [value])[
                slice
            ]
    }

    /// The gradients at a node's results of which only one task's are left.
    private func only(
        _ task: Int,
        _ node: Graph.Node,
        _ upstream: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Value?] {
        var only: [Value?] = []
        for (value, output) in zip(upstream, node.outputs) {
            let owners = regions.owners(of: output).slices
            guard let value, owners.contains(where: { $0.only == task }) else {
                only.append(nil)
                continue
            }
            if owners.allSatisfy({ $0.only == task || $0 == .none }) {
                only.append(value)
                continue
            }
            let choice = graph.constant(Tensor([Float(0)], shape: [1]))
            let places = owners.map { $0.only == task ? -1 : 0 }
            only.append(try graph.apply(WeightedSum(places: [places]), value, choice))
        }
        return only
    }

    /// The gradients of all tasks at what an own node reads from the shared part.
    private func pieces(
        _ crossing: TaskRegions.Crossing,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [TaskPiece] {
        let node = regions.nodes[crossing.node]
        var pieces: [TaskPiece] = []
        if let product = node.operation as? StackedMatMul, OwnershipRules.isDirect(product),
            crossing.input == 0, isStacked(node, product.sources.count),
            let arrived = upstream[crossing.node]?[0]
        {
            return try self.pieces(of: product, node, arrived, in: &graph)
        }
        for task in losses.indices {
            for gradient in try gradients(of: task, crossing, in: &graph) {
                guard case .dense(let value) = gradient else { continue }
                pieces.append(TaskPiece(task: task, value: value, slice: nil))
            }
        }
        return pieces
    }

    /// The gradients of the slices of a stacked product at its input, in one operation.
    private func pieces(
        of product: StackedMatMul,
        _ node: Graph.Node,
        _ arrived: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [TaskPiece] {
        let count = product.sources.count
        graph.scope = node.scope
        let each = StackedMatMul(
            sources: Array(0..<count),
            targets: Array(0..<count),
            transposeWeight: !product.transposeWeight
        )
        let made = try graph.apply(each, arrived, node.inputs[1])
        let cut = try graph.add(Split(axis: 0, sizes: [Int](repeating: 1, count: count)), [made])
        let owners = regions.owners(of: node.outputs[0]).slices
        let isWhole = graph.shape(of: node.inputs[0]).rank == 2
        var pieces: [TaskPiece] = []
        for (slice, value) in cut.enumerated() {
            guard let task = owners[slice].only else { continue }
            let shape = graph.shape(of: value)
            let piece =
                isWhole ? try graph.apply(Reshape([shape[1], shape[2]]), value) : value
            pieces.append(
                TaskPiece(task: task, value: piece, slice: isWhole ? nil : product.sources[slice])
            )
        }
        return pieces
    }
}
