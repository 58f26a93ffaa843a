/// Takes derivatives of activations on pooled images instead of whole ones.
///
/// The gradient of maximum pooling is zero but at the greatest element of each window, whose value is the
/// pooled one. So `f'(y) unpool(dy)` is `unpool(f'(pooled y) dy)` where the derivative follows from the result:
/// less work by the size of the window, and y need not be kept.
public struct ActivateBeforeUnpooling: GraphPass {
    /// Creates the pass.
    public init() {}

    /// Rewrites the graph.
    public func run(on graph: inout Graph) {
        let uses = graph.useCounts()
        let producers = graph.producers()
        for index in graph.nodes.indices {
            let node = graph.nodes[index]
            guard let activation = node.operation as? ActivationGradient,
                activation.kind.differentiatesFromOutput,
                uses[node.inputs[0].id] == 1, let unpooling = producers[node.inputs[0]],
                graph.nodes[unpooling].operation is MaxPooling2DGradient,
                let pooling = producers[graph.nodes[unpooling].inputs[1]],
                graph.nodes[pooling].operation is MaxPooling2D,
                graph.nodes[pooling].inputs[0] == node.inputs[1],
                graph.nodes[unpooling].stage == node.stage
            else { continue }
            let pooled = graph.nodes[pooling].outputs[0]
            var first = node
            first.inputs = [graph.nodes[unpooling].inputs[0], pooled]
            first.outputs = [graph.appendValue(graph.type(of: pooled))]
            var second = graph.nodes[unpooling]
            second.inputs[0] = first.outputs[0]
            second.outputs = node.outputs
            // Both stand where they read and make the same as before, one after the other.
            graph.nodes[unpooling] = first
            graph.nodes[index] = second
        }
    }
}
