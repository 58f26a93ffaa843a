/// Drops nodes of which no result, update or other node reads anything.
public struct DeadCode: GraphPass {
    /// Creates the pass.
    public init() {}

    /// Rewrites the graph.
    public func run(on graph: inout Graph) {
        var live = Set(graph.outputs.map(\.value)).union(graph.updates.map(\.value))
        var kept: [Graph.Node] = []
        for node in graph.nodes.reversed() where node.outputs.contains(where: live.contains) {
            live.formUnion(node.inputs)
            kept.append(node)
        }
        graph.nodes = kept.reversed()
    }
}
