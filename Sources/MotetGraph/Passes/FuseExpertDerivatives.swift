/// Folds the derivative of the experts' activation into the gradient of the mixture that reads them.
///
/// The mixture's gradient has the experts' values at hand, so where the derivative follows from them the
/// experts' gradients are written once instead of being written, read and written again.
public struct FuseExpertDerivatives: GraphPass {
    /// Creates the pass.
    public init() {}

    /// Rewrites the graph.
    public func run(on graph: inout Graph) {
        let uses = graph.useCounts()
        let producers = graph.producers()
        var dropped = Set<Int>()
        for (index, node) in graph.nodes.enumerated() {
            guard let derivative = node.operation as? ActivationGradient,
                derivative.kind.differentiatesFromOutput, uses[node.inputs[0].id] == 1,
                let producer = producers[node.inputs[0]],
                var mixture = graph.nodes[producer].operation as? MixtureGradient,
                mixture.activation == nil, graph.nodes[producer].outputs[1] == node.inputs[0],
                graph.nodes[producer].inputs[2] == node.inputs[1],
                graph.nodes[producer].stage == node.stage
            else { continue }
            mixture.activation = derivative.kind
            graph.nodes[producer].operation = mixture
            graph.nodes[producer].outputs[1] = node.outputs[0]
            dropped.insert(index)
        }
        graph.nodes = graph.nodes.indices.filter { !dropped.contains($0) }.map { graph.nodes[$0] }
    }
}
