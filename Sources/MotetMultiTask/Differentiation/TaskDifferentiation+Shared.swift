import MotetCore
import MotetGraph

/// The way of gradients into and through the shared part.
extension TaskDifferentiation {
    /// Whether a slice of a result reaches a shared slice of an input.
    private func isShared(_ index: Int, output: Int, slice: Int, input: Int, _ graph: Graph) -> Bool
    {
        let node = regions.nodes[index]
        let marked = node.outputs.enumerated().map { position, value in
            let count = regions.owners(of: value).slices.count
            return TaskOwners(
                (0..<count).map { position == output && $0 == slice ? TaskSet(0) : .none }
            )
        }
        let reached = OwnershipRules.owners(node, marked, in: graph)[input]
        let owners = regions.owners(of: node.inputs[input])
        let count = max(reached.slices.count, owners.slices.count)
        return zip(reached.expanded(count), owners.expanded(count)).contains {
            $0 != .none && $1.isShared
        }
    }

    /// For each result of a node and each slice of it the place of the factor of its gradient on the way to an input.
    ///
    /// What serves one task is multiplied when it enters the shared part; on leaving its own part what stays the
    /// task's own has a factor too, which leaves a task out.
    private func places(_ index: Int, input: Int, isBorder: Bool, _ graph: Graph) -> [[Int]] {
        regions.nodes[index].outputs.enumerated().map { position, value in
            regions.owners(of: value).slices.enumerated().map { slice, owners in
                guard let task = owners.only else { return -1 }
                if isShared(index, output: position, slice: slice, input: input, graph) {
                    return isBorder ? task : 2 * losses.count + task
                }
                return isBorder ? losses.count + task : -1
            }
        }
    }

    /// Multiplies the gradients at a node's results.
    private func scaled(
        _ upstream: [Value?],
        _ places: [[Int]],
        _ factors: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Value?] {
        var scaled: [Value?] = []
        for (value, row) in zip(upstream, places) {
            if let value, row.contains(where: { $0 >= 0 }) {
                scaled.append(try graph.apply(WeightedSum(places: [row]), value, factors))
            } else {
                scaled.append(value)
            }
        }
        return scaled
    }

    /// Takes a gradient across the border.
    mutating func cross(
        _ crossing: TaskRegions.Crossing,
        _ factors: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) {
        guard let arrived = upstream[crossing.node] else { return }
        let node = regions.nodes[crossing.node]
        graph.scope = node.scope
        let made: Gradient?
        if node.operation is Mixture, crossing.input == 1 {
            made = try mixtureGradients(crossing.node, arrived, factors, isBorder: true, in: &graph)
                .1
        } else {
            let places = places(crossing.node, input: crossing.input, isBorder: true, graph.graph)
            let scaled = try scaled(arrived, places, factors, in: &graph)
            made = try node.operation.gradients(node, scaled, in: &graph)[crossing.input]
        }
        if let made { shared[regions.value(crossing), default: []].append(made) }
    }

    /// Makes the gradients of own gates and of the experts they choose from.
    mutating func crossMixture(
        _ index: Int,
        _ factors: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) {
        guard let arrived = upstream[index] else { return }
        let node = regions.nodes[index]
        graph.scope = node.scope
        let made = try mixtureGradients(index, arrived, factors, isBorder: true, in: &graph)
        if let gates = made.0 { raw[node.inputs[0], default: []].append(gates) }
        if let experts = made.1 { shared[node.inputs[1], default: []].append(experts) }
    }

    /// The gradients of a mixture: those of the experts with factors, those of the gates as they are.
    ///
    /// The gradient of a gate does not depend on the gates, so multiplying the gates is enough.
    private func mixtureGradients(
        _ index: Int,
        _ upstream: [Value?],
        _ factors: Value,
        isBorder: Bool,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> (Gradient?, Gradient?) {
        var node = regions.nodes[index]
        guard let mixture = node.operation as? Mixture else { return (nil, nil) }
        let gates = node.inputs[0]
        let owners = regions.owners(of: node.outputs[0]).expanded(mixture.selections.count)
        let experts = regions.owners(of: node.inputs[1])
        let count = graph.shape(of: node.inputs[1])[0].fixedSize ?? 0
        let places = zip(mixture.selections, owners).map { selection, owner -> [Int] in
            selection.map { expert in
                guard let task = owner.only else { return -1 }
                if experts.expanded(count)[expert].isShared {
                    return isBorder ? task : 2 * losses.count + task
                }
                return isBorder ? losses.count + task : -1
            }
        }
        if places.allSatisfy({ row in row.allSatisfy { $0 == row[0] } }) {
            let slices = places.map { $0[0] }
            if slices.contains(where: { $0 >= 0 }) {
                let rule = WeightedSum(places: [slices])
                node.inputs[0] = try graph.apply(rule, gates, factors)
            }
        } else {
            let table = FactorTable(
                places: places.flatMap { $0 },
                shape: [places.count, 1, places[0].count]
            )
            let made = try graph.apply(table, factors)
            node.inputs[0] = try graph.apply(Arithmetic(.multiply), gates, made)
        }
        let made = try mixture.gradients(node, upstream, in: &graph)
        return (made[0], made[1])
    }

    /// Makes the gradients of all shared nodes, in reverse order.
    mutating func differentiateShared(
        _ factors: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) {
        for index in regions.nodes.indices.reversed()
        where regions.isOnTheWay[index] && !regions.isOwn[index] {
            let node = regions.nodes[index]
            graph.scope = node.scope
            var arriving: [Value?] = []
            for output in node.outputs {
                arriving.append(try graph.accumulated(shared[output], like: output))
            }
            guard arriving.contains(where: { $0 != nil }) else { continue }
            var made: [Gradient?]
            if node.operation is Mixture {
                let pair = try mixtureGradients(
                    index,
                    arriving,
                    factors,
                    isBorder: false,
                    in: &graph
                )
                made = [pair.0, pair.1]
            } else {
                made = try node.operation.gradients(node, arriving, in: &graph)
                for position in node.inputs.indices
                where made[position] != nil && regions.needed.contains(node.inputs[position]) {
                    let places = places(index, input: position, isBorder: false, graph.graph)
                    guard places.contains(where: { $0.contains { $0 >= 0 } }) else { continue }
                    let scaled = try scaled(arriving, places, factors, in: &graph)
                    made[position] = try node.operation.gradients(node, scaled, in: &graph)[
                        position
                    ]
                }
            }
            for (input, gradient) in zip(node.inputs, made) where regions.needed.contains(input) {
                if let gradient { shared[input, default: []].append(gradient) }
            }
        }
    }
}
