import MotetCore
import MotetGraph

/// Brings nodes next to each other that one parallel loop can compute together.
enum Scheduling {
    /// Orders nodes: lookups that depend on nothing computed first, sums of rows that only updates read last
    /// in their stage.
    ///
    /// Optimizer updates stand together already.
    static func grouped(_ graph: Graph) throws -> Graph {
        var graph = graph
        var first: [Graph.Node] = []
        var middle: [Graph.Node] = []
        var last: [Graph.Node] = []
        var computed = Set<Value>()
        var readEarly = Set<Value>()
        for node in graph.nodes where node.stage == .gradients && !(node.operation is CombineRows) {
            readEarly.formUnion(node.inputs)
        }
        for node in graph.nodes where node.stage == .gradients {
            let isLookup =
                node.operation is EmbeddingLookup && !node.inputs.contains(where: computed.contains)
            if isLookup {
                first.append(node)
            } else if node.operation is CombineRows,
                !node.outputs.contains(where: readEarly.contains)
            {
                last.append(node)
            } else {
                middle.append(node)
            }
            computed.formUnion(node.outputs)
        }
        graph.nodes = first + middle + last + graph.nodes.filter { $0.stage == .update }
        try graph.verify(after: "grouping")
        return graph
    }
}
