import MotetCore

/// Makes attention forget probabilities that nothing reads: programs that answer, and layers no gradient
/// flows through, need no memory for them.
public struct UnreadProbabilities: GraphPass {
    /// Creates the pass.
    public init() {}

    /// Rewrites the graph.
    public func run(on graph: inout Graph) {
        var read = Set(graph.outputs.map(\.value)).union(graph.updates.map(\.value))
        for node in graph.nodes { read.formUnion(node.inputs) }
        for index in graph.nodes.indices {
            guard var attention = graph.nodes[index].operation as? Attention,
                attention.keepsProbabilities, !read.contains(graph.nodes[index].outputs[1])
            else { continue }
            attention.keepsProbabilities = false
            graph.nodes[index].operation = attention
            graph.nodes[index].outputs.removeLast()
        }
    }
}
