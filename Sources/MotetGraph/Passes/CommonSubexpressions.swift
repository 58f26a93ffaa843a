/// Merges nodes that apply equal operations to the same values.
///
/// Stages are kept apart: a node of the update may not be computed among the gradients, where
/// something between the two could still change what it reads.
public struct CommonSubexpressions: GraphPass {
    /// Creates the pass.
    public init() {}

    private struct Key: Hashable {
        let operation: AnyHashable
        let inputs: [Value]
        let stage: Graph.Stage
    }

    /// Rewrites the graph.
    public func run(on graph: inout Graph) {
        var known: [Key: [Value]] = [:]
        var replacements: [Value: Value] = [:]
        var kept: [Graph.Node] = []
        let updated = Set(graph.updates.map(\.value))
        for var node in graph.nodes {
            node.inputs = node.inputs.map { replacements[$0] ?? $0 }
            let key = Key(
                operation: erased(node.operation),
                inputs: node.inputs,
                stage: node.stage
            )
            // Two states must not share the memory of one new value.
            if let first = known[key], !node.outputs.contains(where: updated.contains) {
                for (old, new) in zip(node.outputs, first) { replacements[old] = new }
            } else {
                known[key] = node.outputs
                kept.append(node)
            }
        }
        graph.nodes = kept
        graph.replace(replacements)
    }

    private func erased(_ operation: some Operation) -> AnyHashable { AnyHashable(operation) }
}
