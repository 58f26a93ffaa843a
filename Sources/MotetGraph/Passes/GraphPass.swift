/// A rewriting of a graph that keeps what it computes.
public protocol GraphPass: Sendable {
    /// Rewrites the graph.
    ///
    /// - Parameter graph: the graph, verified before and after.
    func run(on graph: inout Graph)
}

/// The passes a backend runs before it lowers a graph, each followed by the verifier.
public struct PassPipeline: Sendable {
    /// The passes in order.
    public let passes: [any GraphPass]

    /// Creates a pipeline.
    public init(_ passes: [any GraphPass]) { self.passes = passes }

    /// Dead code, unread probabilities, common subexpressions, activations around pooling, derivatives of
    /// experts, fusion of bias and activation, chains of stacks by slices, dead code again.
    public static let standard = PassPipeline([
        DeadCode(), UnreadProbabilities(), CommonSubexpressions(), ActivateBeforeUnpooling(),
        FuseExpertDerivatives(), FuseBiasAndActivation(), SliceStackedChains(), DeadCode(),
    ])

    /// Runs the passes.
    ///
    /// - Parameter graph: any valid graph.
    /// - Returns: a graph that computes the same results and updates.
    /// - Throws: `GraphError` with code `invalid_graph` when a pass broke the graph.
    public func run(on graph: Graph) throws(GraphError) -> Graph {
        var graph = graph
        // Layers may add updates of statistics in the middle of the forward pass; they run last.
        graph.nodes =
            graph.nodes.filter { $0.stage == .gradients }
            + graph.nodes.filter { $0.stage == .update }
        try graph.verify(after: "construction")
        for pass in passes {
            pass.run(on: &graph)
            try graph.verify(after: "\(type(of: pass))")
        }
        return graph
    }
}
