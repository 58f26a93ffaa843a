import MotetCore

/// Folds a bias, then an activation, into the matrix product, convolution or stored rows that feed it.
///
/// A product is fused only when nothing else reads its result: an activation whose derivative needs its
/// input keeps that input alive and stays a node of its own.
public struct FuseBiasAndActivation: GraphPass {
    /// Creates the pass.
    public init() {}

    /// Rewrites the graph.
    public func run(on graph: inout Graph) {
        let types = graph.types
        fuse(in: &graph) { fusedBias($0, $1, types) }
        fuse(in: &graph, into: fusedActivation)
    }

    /// Replaces each node that `rule` can fold into the only producer it reads from.
    private func fuse(
        in graph: inout Graph,
        into rule: (Graph.Node, Graph.Node) -> Graph.Node?
    ) {
        let uses = graph.useCounts()
        let producers = graph.producers()
        var dropped = Set<Int>()
        for index in graph.nodes.indices {
            let node = graph.nodes[index]
            guard let first = node.inputs.first, uses[first.id] == 1,
                let producer = producers[first], graph.nodes[producer].stage == node.stage,
                let fused = rule(graph.nodes[producer], node)
            else { continue }
            // The fused node stands where the later one stood: all it reads exists by then.
            graph.nodes[index] = fused
            dropped.insert(producer)
        }
        graph.nodes = graph.nodes.indices.filter { !dropped.contains($0) }.map { graph.nodes[$0] }
    }

    private func fusedBias(
        _ product: Graph.Node,
        _ node: Graph.Node,
        _ types: [TensorType]
    ) -> Graph.Node? {
        let fits: Bool
        switch product.operation {
        case let operation as MatMul:
            fits =
                operation.activation == nil && product.inputs.count == 2
                && node.operation is AddBias
        case let operation as Convolution2D:
            fits =
                operation.activation == nil && product.inputs.count == 2
                && node.operation is AddBias
        case let operation as StackedMatMul:
            // A bias is added once to each slice, so each slice must be written once and have a bias of
            // its own.
            fits =
                operation.activation == nil && product.inputs.count == 2
                && Set(operation.targets).count == operation.targets.count
                && operation.targets == Array(operation.targets.indices)
                && !operation.sumsSlices && node.operation is AddBias
                && types[node.inputs[1].id].shape.rank == 2
        case let operation as StoredRows:
            fits =
                operation.activation == nil && product.inputs.count == 2
                && node.operation is AddBias
                && (types[node.inputs[1].id].shape.rank == 2) == (operation.slices != nil)
        case let operation as GroupedMatMul:
            fits =
                operation.activation == nil && product.inputs.count == 3
                && node.operation is GroupedAddBias && node.inputs[2] == product.inputs[2]
        default: fits = false
        }
        guard fits else { return nil }
        var fused = node
        fused.operation = product.operation
        fused.inputs = product.inputs + [node.inputs[1]]
        return fused
    }

    private func fusedActivation(_ product: Graph.Node, _ node: Graph.Node) -> Graph.Node? {
        guard let activation = node.operation as? Activation else { return nil }
        var fused = node
        fused.inputs = product.inputs
        switch product.operation {
        case var operation as MatMul where operation.activation == nil:
            operation.activation = activation.kind
            fused.operation = operation
        case var operation as Convolution2D where operation.activation == nil:
            operation.activation = activation.kind
            fused.operation = operation
        case var operation as StackedMatMul
        where operation.activation == nil && !operation.sumsSlices
            && Set(operation.targets).count == operation.targets.count:
            operation.activation = activation.kind
            fused.operation = operation
        case var operation as StoredRows where operation.activation == nil:
            operation.activation = activation.kind
            fused.operation = operation
        case var operation as GroupedMatMul where operation.activation == nil:
            operation.activation = activation.kind
            fused.operation = operation
        default: return nil
        }
        return fused
    }
}
