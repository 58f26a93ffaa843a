import MotetCore
import MotetGraph

/// How the owners of a node's results follow back to what it reads.
///
/// Operations without a rule of their own pass all owners on to all inputs, which is always right: what is
/// then called shared without being so only loses a distinction.
enum OwnershipRules {
    /// For each input the tasks that depend on it through the node.
    static func owners(
        _ node: Graph.Node,
        _ outputs: [TaskOwners],
        in graph: Graph
    ) -> [TaskOwners] {
        let shape = { (value: Value) in graph.type(of: value).shape }
        let all = TaskOwners([outputs.reduce(.none) { $0.union($1.all) }])
        let plain = node.inputs.map { _ in all }
        switch node.operation {
        case let product as StackedMatMul where isDirect(product):
            let slices = outputs[0].expanded(product.targets.count)
            let own = product.targets.map { slices[$0] }
            var sources = [TaskSet](
                repeating: .none,
                count: shape(node.inputs[0]).rank == 3
                    ? shape(node.inputs[0])[0].fixedSize ?? 1 : 1
            )
            for (slice, source) in product.sources.enumerated() {
                sources[source] = sources[source].union(own[slice])
            }
            return [TaskOwners(sources), TaskOwners(own)]
        case is AddBias:
            return shape(node.inputs[1]).rank == 2 ? [outputs[0], outputs[0]] : [outputs[0], all]
        case is Activation, is Dropout, is Scale, is AddN:
            return node.inputs.map { _ in outputs[0] }
        case is Softmax where shape(node.outputs[0]).rank > 1: return [outputs[0]]
        case let mixture as Mixture:
            let slices = outputs[0].expanded(mixture.selections.count)
            let count = shape(node.inputs[1])[0].fixedSize ?? 0
            var experts = [TaskSet](repeating: .none, count: count)
            for (gate, selection) in mixture.selections.enumerated() {
                for expert in selection { experts[expert] = experts[expert].union(slices[gate]) }
            }
            return [TaskOwners(slices), TaskOwners(experts)]
        case let split as Split where split.axis == 0:
            return [
                TaskOwners(zip(outputs, split.sizes).flatMap { $0.expanded($1) })
            ]
        case let join as Concatenate where join.axis == 0:
            let sizes = node.inputs.map { shape($0)[0].fixedSize ?? 0 }
            let slices = outputs[0].expanded(sizes.reduce(0, +))
            var start = 0
            return sizes.map { size in
                defer { start += size }
                return TaskOwners(Array(slices[start..<(start + size)]))
            }
        default: return plain
        }
    }

    /// Whether each slice of the weight has a slice of the result for itself.
    static func isDirect(_ product: StackedMatMul) -> Bool {
        !product.sumsSlices && product.targets == Array(product.targets.indices)
    }
}
